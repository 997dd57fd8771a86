// Serves simulated clusters until it is stopped: node libs/kubesim/bin/serve.ts CONFIG.json
// CONFIG.json: { "clusters": [{ "name": "eu", "dir": "/where/it/is/kept", "port": 6443 }] }
import { readFileSync } from 'node:fs';
import { startSimServer } from '../src/index.ts';
import type { SimServerOptions } from '../src/index.ts';

const [, , file] = process.argv;
if (file === undefined) {
  process.stderr.write('usage: node libs/kubesim/bin/serve.ts CONFIG.json\n');
  process.exit(2);
}
const { clusters } = JSON.parse(readFileSync(file, 'utf8')) as {
  clusters: Pick<SimServerOptions, 'name' | 'dir' | 'port'>[];
};
const servers = await Promise.all(
  clusters.map((cluster) =>
    startSimServer({
      ...cluster,
      durable: true,
      controllers: true,
      onError: (error) => process.stderr.write(`${cluster.name}: ${String(error)}\n`),
    }),
  ),
);
process.stdout.write(`serving ${servers.map(({ name, url }) => `${name} at ${url}`).join(', ')}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void Promise.all(servers.map((server) => server[Symbol.asyncDispose]())).then(() => process.exit(0));
  });
}
