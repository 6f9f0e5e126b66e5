"""Keeps what is being written: saved after a pause in typing, before a lock, and when another case is opened."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject

from teleconsole.console.errors import sentence_of
from teleconsole.console.pauses import single_shot
from teleconsole.console.ports import VaultPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.contracts.cases import Draft, SaveDraft
from teleconsole.domain.errors import TeleconsoleError

DraftKind = Literal["reply", "follow-up-question", "note", "decision"]
SAVE_PAUSE_MS = 600
"""After the last key; a draft is safe within a second of a pause."""


@dataclass(frozen=True)
class _Text:
    case_id: str
    kind: DraftKind
    text: str


class DraftKeeper(QObject):
    """Saves the newest text of one editor.

    Args:
        vault: keeps the drafts.
        scope: runs the saving.
        on_saved: told the draft that is safe now.
        on_failed: told one sentence; the text is tried again at the next pause.
    """

    def __init__(
        self,
        vault: VaultPort,
        scope: TaskScope,
        on_saved: Callable[[Draft], None],
        on_failed: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._vault = vault
        self._scope = scope
        self._on_saved = on_saved
        self._on_failed = on_failed
        self._unsaved: _Text | None = None
        self._saving = asyncio.Lock()
        self._pause = single_shot(self, SAVE_PAUSE_MS)
        self._pause.timeout.connect(self.save_soon)

    @property
    def is_dirty(self) -> bool:
        """Whether there is a text that is not safe yet."""
        return self._unsaved is not None

    def changed(self, case_id: str, kind: DraftKind, text: str) -> None:
        """The text is so now; it is saved after a pause."""
        self._unsaved = _Text(case_id, kind, text)
        self._pause.start()

    def drop(self) -> None:
        """Nothing is to be saved any more: it was sent."""
        self._pause.stop()
        self._unsaved = None

    def save_soon(self) -> None:
        """Save now, without waiting for it."""
        if self._unsaved is not None:
            self._scope.start(self._save_and_tell())

    async def save(self) -> None:
        """Return when the newest text is safe.

        Raises:
            TeleconsoleError: it is not.
        """
        self._pause.stop()
        async with self._saving:
            text = self._unsaved
            if text is None:
                return
            draft = await self._vault.ask(SaveDraft(text.case_id, text.kind, text.text))
            if self._unsaved is text:
                self._unsaved = None
            self._on_saved(draft)

    async def _save_and_tell(self) -> None:
        try:
            await self.save()
        except TeleconsoleError as error:
            self._on_failed(sentence_of(error))
            self._pause.start()
