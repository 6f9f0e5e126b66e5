"""A child process for tests: `python service.py --child=... [faults]`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec

from teleconsole.contracts.wire import Ask, Contract, Done, News
from teleconsole.domain.errors import WrongKey
from teleconsole.ipc.child_args import ChildArgs, parse_child_args
from teleconsole.ipc.peer import Handlers, Peer
from teleconsole.ipc.serve import serve
from teleconsole.ipc.slot import FrameWriter


class Echo(Ask[str], frozen=True):
    text: str


class Sleep(Ask[Done], frozen=True):
    seconds: float


class Counted(msgspec.Struct, frozen=True):
    begun: int
    cancelled: int


class CountSleeps(Ask[Counted], frozen=True):
    pass


class Fail(Ask[Done], frozen=True):
    how: str


class Big(Ask[str], frozen=True):
    size: int


class Flood(Ask[Done], frozen=True):
    count: int
    size: int


class Stop(Ask[Done], frozen=True):
    """SIGSTOP to itself after the answer."""


class Process(Ask[dict[str, str]], frozen=True):
    """Facts about the process: pid, environment names."""


class Draw(Ask[Done], frozen=True):
    """Write one frame, filled with this byte, into the slot "view"."""

    fill: int


class Bequeath(Ask[int], frozen=True):
    """Start a program that outlives this process; the answer is its pid."""


class Ticked(News, frozen=True):
    number: int
    filler: str = ""


class Poke(News, frozen=True):
    number: int


CONTRACT = Contract(
    "test", asks=(Echo, Sleep, CountSleeps, Fail, Big, Flood, Stop, Process, Draw, Bequeath), news=(Ticked, Poke)
)


class Service:
    def __init__(self, peer: Peer, args: ChildArgs) -> None:
        self.peer = peer
        self.args = args
        self.begun = 0
        self.cancelled = 0
        self.tasks: set[asyncio.Task[None]] = set()
        peer.on_news(Poke, lambda poke: peer.tell_soon(Ticked(poke.number)))
        peer.tell_soon(Ticked(-1))

    def handlers(self) -> Handlers:
        return {
            Echo: self.echo,
            Sleep: self.sleep,
            CountSleeps: self.count,
            Fail: self.fail,
            Big: self.big,
            Flood: self.flood,
            Stop: self.stop,
            Process: self.process,
            Draw: self.draw,
            Bequeath: self.bequeath,
        }

    async def echo(self, ask: Echo) -> str:
        return ask.text

    async def sleep(self, ask: Sleep) -> None:
        self.begun += 1
        try:
            await asyncio.sleep(ask.seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def count(self, _: CountSleeps) -> Counted:
        return Counted(self.begun, self.cancelled)

    async def fail(self, ask: Fail) -> object:
        if ask.how == "domain":
            raise WrongKey("That is not it.")
        if ask.how == "wrong type":
            return 5
        raise KeyError("Erika Mustermann")

    async def big(self, ask: Big) -> str:
        return "x" * ask.size

    async def flood(self, ask: Flood) -> Done:
        async def run() -> None:
            for number in range(ask.count):
                await self.peer.tell(Ticked(number, "x" * ask.size))

        task = asyncio.get_running_loop().create_task(run())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return Done()

    async def stop(self, _: Stop) -> Done:
        asyncio.get_running_loop().call_later(0.02, os.kill, os.getpid(), signal.SIGSTOP)
        return Done()

    async def process(self, _: Process) -> dict[str, str]:
        return {"pid": str(os.getpid()), "ppid": str(os.getppid()), "environment": " ".join(sorted(os.environ))}

    async def draw(self, ask: Draw) -> None:
        slot = self.args.slots["view"]
        writer = FrameWriter(slot.fd, slot.capacity_bytes)
        writer.begin()[:] = bytes([ask.fill]) * slot.capacity_bytes
        writer.commit(ask.fill, slot.capacity_bytes // 4, 1, slot.capacity_bytes)
        writer.close()

    async def bequeath(self, _: Bequeath) -> int:
        program = await asyncio.create_subprocess_exec("sleep", "60", close_fds=False)
        return program.pid


async def say_goodbye(path: str) -> None:
    await asyncio.to_thread(Path(path).write_text, "goodbye")


if __name__ == "__main__":
    args = parse_child_args(sys.argv[1:])
    if "die-at-start" in args.extra:
        sys.exit(7)
    if "half" in args.extra:
        serve(CONTRACT, lambda peer: {Echo: Service(peer, args).echo}, argv=args)
    if "raw-oversized" in args.extra:
        os.write(args.fd_out, b"\xff\xff\xff\xff" + b"x" * 100)
        signal.pause()
    if "raw-malformed" in args.extra:
        os.write(args.fd_out, b"\x00\x00\x00\x04\x93\x01\x02\x03")
        signal.pause()
    goodbyes = [word.removeprefix("goodbye=") for word in args.extra if word.startswith("goodbye=")]
    sys.exit(
        serve(
            CONTRACT,
            lambda peer: Service(peer, args).handlers(),
            argv=args,
            closing=(lambda: say_goodbye(goodbyes[0])) if goodbyes else None,
        )
    )
