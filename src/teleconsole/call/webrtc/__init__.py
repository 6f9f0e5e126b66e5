"""The peer connection to the patient."""
