"""A child process for tests: `python service.py --child=... [faults]`."""

import asyncio
import os
import signal
import sys

import msgspec

from teleconsole.contracts.wire import Ask, Contract, Done, News
from teleconsole.domain.errors import WrongKey
from teleconsole.ipc.child_args import parse_child_args
from teleconsole.ipc.peer import Handlers, Peer
from teleconsole.ipc.serve import serve


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


class Ticked(News, frozen=True):
    number: int
    filler: str = ""


class Poke(News, frozen=True):
    number: int


CONTRACT = Contract("test", asks=(Echo, Sleep, CountSleeps, Fail, Big, Flood, Stop, Process), news=(Ticked, Poke))


class Service:
    def __init__(self, peer: Peer) -> None:
        self.peer = peer
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


if __name__ == "__main__":
    args = parse_child_args(sys.argv[1:])
    if "die-at-start" in args.extra:
        sys.exit(7)
    if "half" in args.extra:
        serve(CONTRACT, lambda peer: {Echo: Service(peer).echo}, argv=args)
    if "raw-oversized" in args.extra:
        os.write(args.fd_out, b"\xff\xff\xff\xff" + b"x" * 100)
        signal.pause()
    if "raw-malformed" in args.extra:
        os.write(args.fd_out, b"\x00\x00\x00\x04\x93\x01\x02\x03")
        signal.pause()
    sys.exit(serve(CONTRACT, lambda peer: Service(peer).handlers(), argv=args))
