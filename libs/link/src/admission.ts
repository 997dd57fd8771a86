import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Server, ServerCredentials } from '@grpc/grpc-js';
import { createWake } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { ConnectionQueue } from './connection-queue.ts';
import { cannotListen } from './grpc-server.ts';

/** Where connections come in, and what they are for. */
export interface AdmissionConfig {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  readonly server: Server;
  readonly credentials: ServerCredentials;
  readonly clock: Clock;
  /** When it aborts, no connection is taken any more, and those that wait end. */
  readonly signal: AbortSignal;
}

const turnMs = 5;

/** A port at which connections are let in as the process can take them. */
export interface Admission {
  readonly port: number;
  /** Ends the connections that the server has not ended: those without a handshake are none of its sessions. */
  end(): void;
}

/**
 * Listens for a gRPC server, and gives it connections as `ConnectionQueue` says; of a host name at its first address. Throws
 * FaultError `unavailable` that says why it cannot listen.
 */
export async function admit({
  address,
  server,
  credentials,
  clock,
  signal,
}: AdmissionConfig): Promise<Admission> {
  const injector = server.createConnectionInjector(credentials);
  const inside = new Set<Socket>();
  const letIn = (socket: Socket) => {
    inside.add(socket);
    socket.on('close', () => inside.delete(socket));
    injector.injectConnection(socket);
  };
  const queue = new ConnectionQueue(letIn, clock.monotonicMs());
  const wake = createWake();
  // Unread until it is let in: until then it costs nothing but its file descriptor.
  const listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    queue.arrive(socket, clock.monotonicMs());
    if (queue.size > 0) wake.ring();
  });
  const port = await listen(listener, address);
  const over = () => {
    listener.close();
    queue.clear();
  };
  if (signal.aborted) over();
  signal.addEventListener('abort', over, { once: true });
  void letInByTurns(queue, { wake, clock, signal });
  const end = () => {
    for (const socket of inside) socket.destroy();
  };
  return { port, end };
}

interface Turning {
  readonly wake: ReturnType<typeof createWake>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const idleMs = 3_600_000;

async function letInByTurns(queue: ConnectionQueue<Socket>, { wake, clock, signal }: Turning): Promise<void> {
  while (!signal.aborted) {
    if (queue.size === 0) await wake.next(idleMs, signal);
    const before = performance.eventLoopUtilization();
    await clock.wait(turnMs, signal);
    const { utilization } = performance.eventLoopUtilization(before);
    queue.turn({ nowMs: clock.monotonicMs(), utilization });
  }
}

function listen(listener: ReturnType<typeof createServer>, address: string): Promise<number> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    listener.once('error', (error) => reject(cannotListen(address, error)));
    listener.listen({ host, port: Number(address.slice(colon + 1)) }, () =>
      resolve((listener.address() as AddressInfo).port),
    );
  });
}
