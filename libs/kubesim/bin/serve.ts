// Serves simulated clusters until it is stopped: node libs/kubesim/bin/serve.ts CONFIG.json
// CONFIG.json: { "port": 6443, "dir": "/where/the/host/keeps/things",
//                "clusters": [{ "name": "eu", "dir": "/where/it/is/kept", "port": 6444 }] }
// All clusters answer at the port of the host under NAME.localhost, and those with a port of their own there too. A cluster with
// a folder has its own keys and token there (openIdentity); the others share those of the host, with kubeconfigs in its folder.
// While it runs, /kubesim/v1/faults of each cluster takes faults (libs/kubesim/README.md).
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { openIdentity } from '@meridian/testkit';
import { startSimHost } from '../src/index.ts';
import type { HostedClusterOptions } from '../src/index.ts';

interface ServedCluster {
  readonly name: string;
  readonly dir?: string;
  readonly port?: number;
}

const [, , file] = process.argv;
if (file === undefined) {
  process.stderr.write('usage: node libs/kubesim/bin/serve.ts CONFIG.json\n');
  process.exit(2);
}
const { clusters, port, dir } = JSON.parse(readFileSync(file, 'utf8')) as {
  clusters: ServedCluster[];
  port?: number;
  dir?: string;
};
const host = await startSimHost({
  clusters: await Promise.all(clusters.map(hosted)),
  ...(port === undefined ? {} : { port }),
  ...(dir === undefined ? {} : { dir }),
});
const served = [...host.clusters.values()].map(({ name, url }) => `${name} at ${url}`);
process.stdout.write(`serving ${served.join(', ')}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void host[Symbol.asyncDispose]().then(() => process.exit(0));
  });
}

async function hosted({ name, dir: own, port: ownPort }: ServedCluster): Promise<HostedClusterOptions> {
  const common = {
    name,
    durable: own !== undefined || dir !== undefined,
    controllers: true,
    onError: (error: unknown) => void process.stderr.write(`${name}: ${String(error)}\n`),
  };
  if (own === undefined) return { ...common, port: ownPort };
  const { token, caPem, files, port: kept } = await openIdentity(name, own, ownPort);
  const [certificatePem, keyPem, serviceAccountKey] = await Promise.all([
    readFile(files.certificate, 'utf8'),
    readFile(files.key, 'utf8'),
    readFile(files.serviceAccountKey, 'utf8'),
  ]);
  const identity = { token, caPem, certificatePem, keyPem, serviceAccountKey, dir: own };
  return { ...common, port: kept, identity };
}
