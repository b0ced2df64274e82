"""A CUDA in the host's memory that fails on every misuse it can see.

Work that is queued is done when the stream is synchronised and not before, as late as a GPU could:
who reads too early reads NaN, who writes too early is caught.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
import ctypes
from dataclasses import dataclass
from dataclasses import field
import threading

from omnibind_core.inference.tensorrt.cuda_api import Device


class MisuseError(AssertionError):
    """Something that CUDA or TensorRT would punish by a crash, or worse, by wrong numbers."""


@dataclass
class Work:
    """Something in a stream.

    :param enqueue: called when it is queued; returns what does the work.
    :param device: addresses of GPU memory that it uses.
    :param host: addresses of pinned memory that it uses.
    """

    enqueue: Callable[[], Callable[[], None]]
    device: tuple[int, ...] = ()
    host: tuple[int, ...] = ()


@dataclass
class Stream:
    """A queue."""

    pending: list[tuple[Work, Callable[[], None]]] = field(default_factory=list)
    noted: list[Work] | None = None  # while it is captured
    thread: int = 0


class StrictCuda:
    """See :class:`omnibind_core.inference.tensorrt.cuda_api.CudaApi`.

    :param found: the GPU, or the error that asking for it raises.
    """

    def __init__(self, found: Device | Exception | None = None) -> None:
        self.found = found or Device('Strict GPU', (8, 6))
        self.calls: list[str] = []
        self.misuses: list[str] = []
        #: Call -> its turns (from 1) that fail, each with an error.
        self.faults: dict[str, dict[int, Exception]] = {}
        self._counts: Counter[str] = Counter()
        self._next = 0x7000_0000_0000
        self.memory: dict[int, bytearray] = {}
        self.pinned: dict[int, ctypes.Array[ctypes.c_char]] = {}
        self.streams: dict[int, Stream] = {}
        self.graphs: dict[int, list[Work]] = {}
        self.executables: dict[int, list[Work]] = {}

    def misuse(self, text: str) -> MisuseError:
        self.misuses.append(text)
        return MisuseError(text)

    def device(self) -> Device:
        self._called('device')
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def allocate(self, count: int) -> int:
        self._called('allocate')
        self._not_captured('allocate')
        address = self._number(count)
        self.memory[address] = bytearray(b'\xff' * count)
        return address

    def free(self, address: int) -> None:
        self._called('free')
        if address not in self.memory:
            raise self.misuse(f'free of {address:#x}, which is not allocated')
        self._unused(address)
        del self.memory[address]

    def allocate_pinned(self, count: int) -> int:
        self._called('allocate_pinned')
        self._not_captured('allocate_pinned')
        block = ctypes.create_string_buffer(b'\xff' * count, count)
        self.pinned[ctypes.addressof(block)] = block
        return ctypes.addressof(block)

    def free_pinned(self, address: int) -> None:
        self._called('free_pinned')
        if address not in self.pinned:
            raise self.misuse(f'free_pinned of {address:#x}, which is not pinned')
        self._unused(address)
        block = self.pinned.pop(address)
        ctypes.memset(address, 0xFF, len(block))

    def create_stream(self) -> int:
        self._called('create_stream')
        stream = self._number(16)
        self.streams[stream] = Stream()
        return stream

    def destroy_stream(self, stream: int) -> None:
        self._called('destroy_stream')
        if self.alive(stream).pending:
            raise self.misuse('destroy_stream with work in it')
        del self.streams[stream]

    def to_device(self, device: int, host: int, count: int, stream: int) -> None:
        self._called('to_device')
        base, place = self.place(device, count)
        self._pinned_range(host, count)

        def enqueue() -> Callable[[], None]:
            before = ctypes.string_at(host, count)

            def work() -> None:
                if ctypes.string_at(host, count) != before:
                    raise self.misuse('pinned memory was written while it was being copied')
                self.memory[base][place : place + count] = before

            return work

        self.queue(stream, Work(enqueue, (base,), (host,)))

    def to_host(self, host: int, device: int, count: int, stream: int) -> None:
        self._called('to_host')
        base, place = self.place(device, count)
        self._pinned_range(host, count)

        def enqueue() -> Callable[[], None]:
            ctypes.memset(host, 0xFF, count)  # NaN, for whoever reads before it is there

            def work() -> None:
                ctypes.memmove(host, bytes(self.memory[base][place : place + count]), count)

            return work

        self.queue(stream, Work(enqueue, (base,), (host,)))

    def synchronize(self, stream: int) -> None:
        self._called('synchronize')
        found = self.alive(stream)
        if found.noted is not None:
            raise self.misuse('synchronize of a stream that is being captured')
        pending, found.pending = found.pending, []
        for _, work in pending:
            work()

    def begin_capture(self, stream: int) -> None:
        self._called('begin_capture')
        if self.alive(stream).noted is not None:
            raise self.misuse('begin_capture twice')
        self.streams[stream].noted = []

    def end_capture(self, stream: int) -> int:
        found = self.alive(stream)
        noted, found.noted = found.noted, None  # also when it fails
        self._called('end_capture')
        if noted is None:
            raise self.misuse('end_capture without begin_capture')
        graph = self._number(16)
        self.graphs[graph] = noted
        return graph

    def instantiate(self, graph: int) -> int:
        self._called('instantiate')
        if graph not in self.graphs:
            raise self.misuse('instantiate of no graph')
        executable = self._number(16)
        self.executables[executable] = list(self.graphs[graph])
        return executable

    def launch(self, executable: int, stream: int) -> None:
        self._called('launch')
        if executable not in self.executables:
            raise self.misuse('launch of no graph')
        for work in self.executables[executable]:
            self.queue(stream, work)

    def destroy_graph(self, graph: int) -> None:
        self._called('destroy_graph')
        if self.graphs.pop(graph, None) is None:
            raise self.misuse('destroy_graph of no graph')

    def destroy_executable(self, executable: int) -> None:
        self._called('destroy_executable')
        if any(stream.pending for stream in self.streams.values()):
            raise self.misuse('destroy_executable while work is in a stream')
        if self.executables.pop(executable, None) is None:
            raise self.misuse('destroy_executable of no graph')

    # What the fake TensorRT and the tests need.

    def alive(self, stream: int) -> Stream:
        if stream not in self.streams:
            raise self.misuse(f'{stream:#x} is no stream, or none any more')
        return self.streams[stream]

    def queue(self, stream: int, work: Work) -> None:
        found = self.alive(stream)
        if found.noted is not None:
            found.noted.append(work)
            return
        if found.pending and found.thread != threading.get_ident():
            raise self.misuse('two threads in one stream')
        found.thread = threading.get_ident()
        for address in work.device:
            if address not in self.memory:
                raise self.misuse(f'GPU memory {address:#x} was freed before it was used')
        found.pending.append((work, work.enqueue()))

    def place(self, address: int, count: int) -> tuple[int, int]:
        """The allocation that a range lies in, and where."""
        for base, block in self.memory.items():
            if base <= address and address + count <= base + len(block):
                return base, address - base
        raise self.misuse(f'{count} bytes at {address:#x} are not allocated on the GPU')

    def check_clean(self) -> None:
        """Nothing was misused and nothing is left."""
        assert not self.misuses, self.misuses
        left = {
            name: len(kept)
            for name in ('memory', 'pinned', 'streams', 'graphs', 'executables')
            if (kept := getattr(self, name))
        }
        assert not left, left

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self._counts[name] += 1
        fault = self.faults.get(name, {}).get(self._counts[name])
        if fault is not None:
            raise fault

    def _number(self, count: int) -> int:
        number = self._next
        self._next += (count // 256 + 2) * 256  # a gap behind each
        return number

    def _not_captured(self, name: str) -> None:
        if any(stream.noted is not None for stream in self.streams.values()):
            raise self.misuse(f'{name} while a stream is captured')

    def _pinned_range(self, host: int, count: int) -> None:
        if not any(
            base <= host and host + count <= base + len(block)
            for base, block in self.pinned.items()
        ):
            raise self.misuse(f'{count} bytes at {host:#x} are not pinned')

    def _unused(self, address: int) -> None:
        for stream in self.streams.values():
            for work, _ in stream.pending:
                if address in (*work.device, *work.host):
                    raise self.misuse(f'{address:#x} was freed while work in a stream uses it')
