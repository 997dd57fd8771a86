import type { Server, ServerCredentials } from '@grpc/grpc-js';
import { FaultError, errorText } from '@meridian/runtime';

/** Listens; gives the port. Throws FaultError `unavailable` that says why it cannot. */
export function bindServer(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (!error) return resolve(port);
      reject(cannotListen(address, error));
    });
  });
}

/** Why agents cannot be served at an address. */
export function cannotListen(address: string, error: Error): FaultError {
  const why = errorText(error).includes('EADDRINUSE')
    ? 'the port is taken; choose another'
    : errorText(error);
  return new FaultError('unavailable', `agents cannot be served at ${address}: ${why}`, {
    retry: 'never',
    cause: error,
  });
}

/** Waits half a second for what still runs, and then ends it. */
export function shutServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, 500);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
