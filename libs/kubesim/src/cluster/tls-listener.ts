import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';

/** What a listener shows of itself and whom it trusts. All PEM. */
export interface TlsIdentity {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** Signs certificates of clients. */
  readonly caPem: string;
}

/** The certificate to show to who asks for a name; undefined for the listener's own. */
export type CertificateOf = (serverName: string) => SecureContext | undefined;

/** A listener on 127.0.0.1. Disposing it cuts its connections. */
export interface TlsListener extends AsyncDisposable {
  readonly port: number;
}

/** What a certificate is shown with. It costs some time and memory: keep it. */
export function secureContext({ certificatePem, keyPem, caPem }: TlsIdentity): SecureContext {
  return createSecureContext({ cert: certificatePem, key: keyPem, ca: caPem });
}

/** How long an unused connection is kept, as a real API server does; with Node's five seconds clients would write into closed ones. */
const keepAliveTimeout = 90_000;

/** How long the head of a request may be, as for a real API server: selectors in queries can be long. */
const maxHeaderSize = 1024 * 1024;

/** Listens for HTTPS requests; port 0 takes any that is free. Rejects when the port is taken. */
export async function listenTls(
  { certificatePem, keyPem, caPem }: TlsIdentity,
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  certificateOf: CertificateOf = () => undefined,
): Promise<TlsListener> {
  const server = createServer(
    {
      ...{ cert: certificatePem, key: keyPem, ca: caPem, requestCert: true, rejectUnauthorized: false },
      keepAliveTimeout,
      maxHeaderSize,
      SNICallback: (serverName, shown) => shown(null, certificateOf(serverName)),
    },
    answer,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    // A server that listens on a port has an address with one.
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
