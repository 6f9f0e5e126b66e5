"""The tree of everything that may go wrong and that a person is told about.

TeleconsoleError
  x StoreError        WrongKey, StoreTooNew, StoreCorrupt, DiskFull, NotEncrypted, ProfileInUse
  x KeyringError      KeyringAbsent, KeyringLocked, KeyringUnavailable
  x SyncError         Offline, Rejected, VersionConflict, SignInNeeded, NotFhir
  x CallError         DeviceUnavailable, SignallingLost, ConnectionLost
  x EvidenceError     EvidenceRefused, EvidenceMissing
  x PolicyError

Anything outside this tree is a bug in the program, never an outcome.
"""


class TeleconsoleError(Exception):
    """A failure with one sentence for a person: what happened, what is safe, what to do.

    Attributes:
        code: stable name for programs and tests, lower case with hyphens.
        sentence: what the screen shows; holds no PHI.
    """

    code = "failure"
    default_sentence = "Something did not work. Nothing that was saved is lost."

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence or self.default_sentence
        super().__init__(self.sentence)


class StoreError(TeleconsoleError):
    """The encrypted store could not do what was asked."""

    code = "store"
    default_sentence = "The case store on this computer did not answer as it should. Nothing was deleted."


class WrongKey(StoreError):
    """The passphrase or key does not open the store."""

    code = "wrong-key"
    default_sentence = "That passphrase does not open this computer's cases. Nothing was changed; try again."


class StoreTooNew(StoreError):
    """A newer program wrote the store."""

    code = "store-too-new"
    default_sentence = (
        "These cases were written by a newer teleconsole. They are safe; start the newer version to open them."
    )


class StoreCorrupt(StoreError):
    """The store's bytes are not what was written."""

    code = "store-corrupt"
    default_sentence = (
        "The case store on this computer is damaged. It was left as it is; ask IT to run 'teleconsole store check'."
    )


class NotEncrypted(StoreError):
    """The gate found that the database would not be encrypted."""

    code = "not-encrypted"
    default_sentence = (
        "The encryption of the case store is not working, so nothing was written. Ask IT to run 'teleconsole doctor'."
    )


class DiskFull(StoreError):
    """No room for the write; it was rolled back."""

    code = "disk-full"
    default_sentence = "The disk of this computer is full. What was saved is safe; free some space and try again."


class ProfileInUse(StoreError):
    """Another program holds the profile's lock."""

    code = "profile-in-use"
    default_sentence = "teleconsole is already open with this profile. Use the window that is open, or close it first."


class KeyringError(TeleconsoleError):
    """The system's keyring could not be used."""

    code = "keyring"
    default_sentence = "The keyring of this computer did not answer. Unlock with your passphrase instead."


class KeyringAbsent(KeyringError):
    """The keyring has no entry for this profile."""

    code = "keyring-absent"
    default_sentence = "This computer's keyring has no key for these cases. Unlock with your passphrase."


class KeyringLocked(KeyringError):
    """The keyring is locked."""

    code = "keyring-locked"
    default_sentence = "This computer's keyring is locked. Unlock it, or use your passphrase; your cases are safe."


class KeyringUnavailable(KeyringError):
    """There is no keyring service that we trust."""

    code = "keyring-unavailable"
    default_sentence = "This computer has no keyring that can be trusted. Unlock with your passphrase."


class SyncError(TeleconsoleError):
    """The FHIR server could not be read or written."""

    code = "sync"
    default_sentence = "The clinic's server did not answer as expected. Everything is kept here and tried again."


class Offline(SyncError):
    """No connection, or the server is out of order for now: try again later."""

    code = "offline"
    default_sentence = "The clinic's server cannot be reached. What you write is stored here and goes out later."


class NotFhir(SyncError):
    """Something answered that is not the FHIR server (a login page of the network, a proxy)."""

    code = "not-fhir"
    default_sentence = (
        "Something other than the clinic's server answered, perhaps the login page of this network. "
        "What you write is stored here."
    )


class Rejected(SyncError):
    """The server refused for good; its reasons are in the sentence."""

    code = "rejected"
    default_sentence = "The clinic's server refused this. It is kept under To send, where you can change or discard it."


class VersionConflict(SyncError):
    """Somebody else changed the same thing: ask."""

    code = "version-conflict"
    default_sentence = "Somebody else changed this case in the meantime. Your text is kept; look at both and decide."


class SignInNeeded(SyncError):
    """The server wants a new sign-in."""

    code = "sign-in-needed"
    default_sentence = "Please sign in again. Your cases and everything you wrote stay on this computer."


class CallError(TeleconsoleError):
    """The live call could not do what was asked."""

    code = "call"
    default_sentence = "The call could not do that. What was written and captured is kept."


class DeviceUnavailable(CallError):
    """No such camera, microphone or loudspeaker, or it is in use."""

    code = "device-unavailable"
    default_sentence = "The camera or microphone cannot be used. Choose another one under Devices."


class SignallingLost(CallError):
    """The connection to the gateway is gone; it is tried again."""

    code = "signalling-lost"
    default_sentence = "The clinic's gateway cannot be reached. It is tried again; waiting patients stay in line."


class ConnectionLost(CallError):
    """No media arrives from the other side."""

    code = "connection-lost"
    default_sentence = "The connection to the patient is interrupted. It is tried again; chat and notes are kept."


class EvidenceError(TeleconsoleError):
    """A file of a case cannot be shown."""

    code = "evidence"
    default_sentence = "This file cannot be shown. The original is kept."


class EvidenceRefused(EvidenceError):
    """The file is not what it says, is damaged, or exceeds a bound."""

    code = "evidence-refused"
    default_sentence = "This file is damaged or not of an allowed kind, so it was not opened. The original is kept."


class EvidenceMissing(EvidenceError):
    """The file has not arrived on this computer yet."""

    code = "evidence-missing"
    default_sentence = "This file is not on this computer yet. It comes with the next sync."


class PolicyError(TeleconsoleError):
    """The policy or the settings are not valid."""

    code = "policy"
    default_sentence = "The policy file is not valid. Ask IT to run 'teleconsole doctor'."
