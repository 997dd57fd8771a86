import { createServer, connect } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Which way bytes go: `up` from the client to the target, `down` back. */
export type Direction = 'up' | 'down';

/** What a TCP proxy does to the bytes of one direction. */
export type ProxyFault =
  | { readonly kind: 'none' }
  /** Bytes come later, in order. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Bytes vanish: a half-open connection. */
  | { readonly kind: 'drop' }
  /** Connections that open from now on give other bytes; each has a function of its own. Open ones stay as they are. */
  | { readonly kind: 'rewrite'; readonly open: () => (chunk: Buffer) => Buffer };

/** A TCP proxy on 127.0.0.1 that can hurt the connections that go through it. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Sets what happens to bytes of one direction from now on, on open and new connections. */
  fault(direction: Direction, fault: ProxyFault): void;
  /** Resets every open connection; new ones are accepted. */
  cut(): void;
  /** Refuses new connections and resets open ones until `heal`. */
  partition(): void;
  /** Ends all faults. */
  heal(): void;
  /** How many bytes were passed on in a direction. */
  passed(direction: Direction): number;
}

/** Starts a proxy to a port of 127.0.0.1. */
export async function startTcpProxy(target: { readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const faults: Record<Direction, ProxyFault> = { up: { kind: 'none' }, down: { kind: 'none' } };
  const bytes: Record<Direction, number> = { up: 0, down: 0 };
  let refusing = false;

  const pump = (from: Socket, to: Socket, direction: Direction) => {
    let ready = Promise.resolve();
    const opened = faults[direction];
    const rewrite = opened.kind === 'rewrite' ? opened.open() : (chunk: Buffer) => chunk;
    from.on('data', (read) => {
      const fault = faults[direction];
      if (fault.kind === 'drop') return;
      const chunk = rewrite(read);
      bytes[direction] += chunk.length;
      const pause = fault.kind === 'delay' ? fault.delayMs : 0;
      if (pause > 0) ready = ready.then(() => new Promise((resolve) => setTimeout(resolve, pause)));
      ready = ready.then(() => void (to.writable && to.write(chunk)));
    });
  };

  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const upstream = connect({ port: target.port, host: '127.0.0.1', noDelay: true });
    client.setNoDelay(true);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    pump(client, upstream, 'up');
    pump(upstream, client, 'down');
  });
  const port = await listen(server);
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    fault: (direction, fault) => void (faults[direction] = fault),
    cut,
    partition() {
      refusing = true;
      cut();
    },
    heal() {
      refusing = false;
      faults.up = { kind: 'none' };
      faults.down = { kind: 'none' };
    },
    passed: (direction) => bytes[direction],
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the system gave no port'));
      else resolve(address.port);
    });
  });
}
