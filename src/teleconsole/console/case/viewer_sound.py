"""The sound of a recording on its way from render to the call process, whose loudspeaker plays it."""

from collections import deque
from collections.abc import Callable

from teleconsole.console.errors import sentence_of
from teleconsole.console.ports import CallPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.contracts.call import PlayPcm
from teleconsole.contracts.render import Pcm
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.limits import VIEWER_PCM_BYTES


class ViewerSound:
    """Hands on pieces in their order, as fast as the loudspeaker takes them.

    Args:
        call: plays.
        scope: runs the handing on.
        on_problem: told one sentence when there is no sound.
    """

    def __init__(self, call: CallPort, scope: TaskScope, on_problem: Callable[[str], None]) -> None:
        self._call = call
        self._scope = scope
        self._on_problem = on_problem
        self._waiting: deque[PlayPcm] = deque()
        self._working = False
        self._heard = False

    def take(self, news: Pcm) -> None:
        """Play this piece after those before it."""
        self._waiting.append(PlayPcm(news.samples, begin=news.begin))
        while len(self._waiting) > 1 and sum(len(piece.samples) for piece in self._waiting) > VIEWER_PCM_BYTES:
            self._waiting.popleft()
        self._go_on()

    def stop(self) -> None:
        """Be silent at once."""
        self._waiting.clear()
        if self._heard:
            self._heard = False
            self._waiting.append(PlayPcm(b"", begin=True, end=True))
            self._go_on()

    def _go_on(self) -> None:
        if not self._working:
            self._working = True
            self._scope.start(self._work())

    async def _work(self) -> None:
        try:
            while self._waiting:
                piece = self._waiting.popleft()
                await self._call.ask(piece)
                self._heard = self._heard or bool(piece.samples)
        except TeleconsoleError as error:
            self._waiting.clear()
            self._on_problem(f"No sound. {sentence_of(error)}")
        finally:
            self._working = False
