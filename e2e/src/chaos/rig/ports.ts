import { createServer } from 'node:net';

// Below the ephemeral range of Linux and macOS: a process that is started again must not find a connection of somebody on its port.
const firstPort = 20_000;
const lastPort = 31_999;

/** `count` ports of 127.0.0.1 that are free now and that no outgoing connection takes; throws when there are not so many. */
export async function quietPorts(count: number): Promise<number[]> {
  const found: number[] = [];
  const start = firstPort + Math.floor(Math.random() * (lastPort - firstPort - 10 * count));
  for (let port = start; port <= lastPort && found.length < count; port += 1)
    if (await isFree(port)) found.push(port);
  if (found.length < count) throw new Error(`${count} ports above ${start} are not free`);
  return found;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
