import { readFileSync } from 'node:fs';
import { Metadata, credentials } from '@grpc/grpc-js';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { LinkServiceClient, heartbeatToWire, helloToWire } from '@meridian/wire';
import type { AttachRequest, AttachResponse } from '@meridian/wire';

/** A peer of our own making that says whatever a test wants. */
export function rawPeer(port: number, files: { caFile: string; certFile: string; keyFile: string }) {
  const secure = credentials.createSsl(
    readFileSync(files.caFile),
    readFileSync(files.keyFile),
    readFileSync(files.certFile),
  );
  const client = new LinkServiceClient(`127.0.0.1:${port}`, secure, { 'grpc.enable_retries': 0 });
  const stream: ClientDuplexStream<AttachRequest, AttachResponse> = client.attach(new Metadata());
  let sequence = 0n;
  const responses: AttachResponse[] = [];
  const ended = new Promise<ServiceError | undefined>((resolve) => {
    stream.on('error', (error: ServiceError) => resolve(error));
    stream.on('end', () => resolve(undefined));
  });
  return {
    client,
    stream,
    responses,
    ended,
    read: () => stream.on('data', (response: AttachResponse) => responses.push(response)),
    say: (message: AttachRequest['message'], at?: bigint) =>
      stream.write({ sequence: at ?? (sequence += 1n), traceparent: '', message }),
    close: () => {
      stream.cancel();
      client.close();
    },
  };
}

/** A hello. */
export const helloFrom = (cluster: string, session = 's1'): AttachRequest['message'] => ({
  $case: 'hello',
  value: helloToWire({
    cluster,
    session,
    version: '1',
    startedAtMs: 1,
    clusterUid: 'u',
    kubernetesVersion: 'v',
  }),
});
/** A heartbeat. */
export const beat = (): AttachRequest['message'] => ({
  $case: 'heartbeat',
  value: heartbeatToWire({ observedAtMs: 1, sourceConnected: true, sourceReadAtMs: 1 }),
});
