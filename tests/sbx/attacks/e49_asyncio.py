# An event loop with tasks, a queue, timeouts and threads.
import asyncio
async def work(q, i):
    await asyncio.sleep(0.001 * i)
    await q.put(await asyncio.to_thread(lambda: i * i))
async def main():
    q = asyncio.Queue()
    await asyncio.gather(*(work(q, i) for i in range(5)))
    return sorted(q.get_nowait() for _ in range(5))
print(asyncio.run(main()))
print('OK')
