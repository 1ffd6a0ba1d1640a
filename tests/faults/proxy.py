"""A loopback TCP proxy that can pass, delay, drop (a black hole) and reset what goes through it."""

import asyncio
import socket
import struct
import threading

from workers.system.record import free_port

CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Stands in front of one port; a connection that met the black hole never works again, as on a broken path."""

    def __init__(self, target, port=None):
        self.target, self.port = target, port or free_port()
        self.mode, self.delay = "pass", 0.0
        self._connections = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"proxy to {target}", daemon=True)

    def __enter__(self):
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_):
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def slow(self, seconds):
        """Every chunk takes this much longer; says how many connections feel it."""
        self.mode, self.delay = "delay", seconds
        return len(self._connections)

    def drop(self):
        """Swallow everything, and answer nobody new; says how many connections feel it."""
        self.mode = "drop"
        return len(self._connections)

    def heal(self):
        """Pass everything again; what was in the black hole is reset."""
        self.mode = "pass"
        self._do(self._reset(lambda connection: connection.lost))

    def reset(self):
        """Cut every connection with a TCP reset; says how many that were."""
        return self._do(self._reset(lambda _: True))

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _listen(self):
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def _close(self):
        self._server.close()
        await self._reset(lambda _: True)
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _reset(self, chosen):
        cut = [connection for connection in self._connections if chosen(connection)]
        for connection in cut:
            connection.reset()
        return len(cut)

    async def _accept(self, reader, writer):
        connection = _Connection(writer, self.mode == "drop")
        self._connections.add(connection)
        try:
            if connection.lost:
                await connection.ended.wait()
                return
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
            connection.writers.append(back)
            await asyncio.gather(self._pump(connection, reader, back), self._pump(connection, there, writer))
        except (OSError, asyncio.CancelledError):
            # A failure to connect, or the end of the proxy: either way there is nobody left to tell.
            pass
        finally:
            self._connections.discard(connection)
            connection.reset()

    async def _pump(self, connection, reader, writer):
        try:
            while data := await reader.read(CHUNK):
                if self.mode == "delay":
                    await asyncio.sleep(self.delay)
                if self.mode == "drop" or connection.lost:
                    connection.lost = True
                    continue
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        if connection.lost:
            await connection.ended.wait()
        connection.reset()


class _Connection:
    def __init__(self, writer, lost):
        self.writers, self.lost = [writer], lost
        self.ended = asyncio.Event()

    def reset(self):
        self.ended.set()
        for writer in self.writers:
            if (sock := writer.get_extra_info("socket")) is not None and sock.fileno() >= 0:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
