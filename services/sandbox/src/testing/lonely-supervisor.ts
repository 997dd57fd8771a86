// Runs two processes under a supervisor with a watchdog until it is killed; its argument is the data directory.
import { join } from 'node:path';
import { layout, prepareDirectory, takeLock } from '../data-directory.ts';
import { planClusters, portPurposes } from '../plan.ts';
import { allocatePorts } from '../ports.ts';
import { identify } from '../process-identity.ts';
import { writeSandboxFile } from '../sandbox-file.ts';
import { Supervisor } from '../supervisor.ts';
import { startWatchdog } from '../watchdog.ts';

const data = layout(process.argv[2] ?? '');
prepareDirectory(data);
takeLock(data);
const fresh = { kube: 'real' as const, clusters: planClusters(1) };
const plan = { ...fresh, ports: await allocatePorts(portPurposes(fresh), {}, Math.random()) };
const supervisor = new Supervisor((processes) =>
  writeSandboxFile(data, plan, { processes, supervisor: identify(process.pid) }),
);
startWatchdog(data);
for (const name of ['etcd-us-east-1', 'agent-us-east-1']) {
  const spec = {
    name,
    command: 'sleep',
    args: ['300'],
    logFile: join(data.logs, `${name}.log`),
    readyWithinMs: 1_000,
    stopWithinMs: 1_000,
  };
  await supervisor.start({ ...spec, ready: () => Promise.resolve(true) }, new AbortController().signal);
}
process.stdout.write('ready\n');
await new Promise(() => setTimeout(() => undefined, 300_000));
