import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@meridian/testkit';
import { agentPid, commitNothing, commitToLive, cpuSeconds } from './agent-rig.ts';
import type { AgentRig } from './agent-rig.ts';
import { applyAll, makeNamespace } from './bare-client.ts';
import { figuresOf, rounded } from './figure.ts';
import type { Figure } from './figure.ts';
import { settled } from './fleet-commits.ts';
import { residentMb } from './resident-memory.ts';
import { sampleConfigMaps, sampleObjects } from './sample-objects.ts';

const rounds = 5;
const objects = 1_000;
const singleChanges = 10;
const manyApplications = 100;
const objectsEach = 8;
const manyRounds = 3;

interface Applies {
  readonly first: { readonly ours: number[]; readonly bare: number[]; readonly kubectl: number[] };
  readonly nothing: { readonly ours: number[]; readonly bare: number[]; readonly kubectl: number[] };
  readonly resident: number[];
}

/** 1,000 objects: first apply, nothing to do, one of them changed; memory with 1,000 and with 5,000. */
export async function applyFigures(rig: AgentRig): Promise<readonly Figure[]> {
  const applies: Applies = {
    first: { ours: [], bare: [], kubectl: [] },
    nothing: { ours: [], bare: [], kubectl: [] },
    resident: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    rig.context.progress(`${objects} objects, round ${round + 1} of ${rounds}`);
    await applyRound(rig, round, applies);
  }
  return [
    ...against('first apply of 1,000 objects', applies.first),
    ...against(
      'a commit that changes none of 1,000 objects (CPU of the agent, time of the others)',
      applies.nothing,
    ),
    ...(await oneChanged(rig)),
    memoryFigure('agent RSS with 1,000 objects', applies.resident[0]),
    memoryFigure('agent RSS with 5,000 objects', applies.resident.at(-1)),
  ];
}

function against(
  figure: string,
  { ours, bare, kubectl }: { readonly ours: number[]; readonly bare: number[]; readonly kubectl: number[] },
): readonly Figure[] {
  const measured = { figure, unit: 'ms', samples: ours };
  return [
    ...figuresOf('agent', { ...measured, against: { name: 'bare client, 20 in flight', samples: bare } }),
    ...figuresOf('agent', { ...measured, against: { name: 'kubectl', samples: kubectl } }).slice(0, 1),
  ];
}

function memoryFigure(figure: string, value = 0): Figure {
  return { bench: 'agent', figure, value: rounded(value), unit: 'MB', n: 1 };
}

/** The peers and we, one after the other, each in a namespace of its own. */
async function applyRound(
  rig: AgentRig,
  round: number,
  { first, nothing, resident }: Applies,
): Promise<void> {
  const { server, context } = rig;
  const application = `bench-${round}`;
  const declared = (namespace: string) => sampleObjects(objects, { version: 1, namespace });
  await makeNamespace(server, `bare-${round}`);
  await makeNamespace(server, `kubectl-${round}`);
  const bare = declared(`bare-${round}`);
  first.bare.push(await timed(() => applyAll(server, bare, context.signal)));
  nothing.bare.push(await timed(() => applyAll(server, bare, context.signal)));
  first.kubectl.push(await timed(() => kubectlApply(rig, `kubectl-${round}`)));
  nothing.kubectl.push(await timed(() => kubectlApply(rig, `kubectl-${round}`)));
  const ours = { application, objects: declared(application) };
  first.ours.push(await commitToLive(rig, [ours], { version: 1, count: objects, namespaces: [application] }));
  await settled(rig.fleet);
  const pid = agentPid(rig);
  const before = cpuSeconds(pid);
  await commitNothing(rig, { ...ours, comment: 'nothing has changed' });
  nothing.ours.push((cpuSeconds(pid) - before) * 1_000);
  resident.push(residentMb(pid));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Without its own validation, which takes most of its time. */
async function kubectlApply({ fleet, kubeconfig }: AgentRig, namespace: string): Promise<void> {
  const file = join(fleet.data, `${namespace}.json`);
  const texts = sampleObjects(objects, { version: 1, namespace }).map(({ object }) => JSON.stringify(object));
  writeFileSync(file, texts.join('\n'));
  const words = ['--kubeconfig', kubeconfig, '-n', namespace, 'apply', '--server-side', '--validate=false'];
  const ran = await run('kubectl', [...words, '-f', file]);
  if (ran.code !== 0) throw new Error(`kubectl apply: ${ran.stderr}`);
}

/** One of 1,000 objects is another one. */
async function oneChanged(rig: AgentRig): Promise<readonly Figure[]> {
  const application = 'bench-0';
  const all = sampleObjects(objects, { version: 1, namespace: application });
  const samples: number[] = [];
  for (let round = 0; round < singleChanges; round += 1) {
    rig.context.progress(`one of ${objects} objects changed, ${round + 1} of ${singleChanges}`);
    const version = 100 + round;
    const [changed] = sampleObjects(1, { version, namespace: application });
    const declared = changed ? [changed, ...all.slice(1)] : all;
    samples.push(
      await commitToLive(rig, [{ application, objects: declared }], {
        version,
        count: 1,
        namespaces: [application],
      }),
    );
    await settled(rig.fleet);
  }
  return figuresOf('agent', { figure: 'one of 1,000 objects changed, commit to live', unit: 'ms', samples });
}

/** One commit that changes 100 applications of eight ConfigMaps each. */
export async function manyFigures(rig: AgentRig): Promise<readonly Figure[]> {
  const namespaces = Array.from({ length: manyApplications }, (_, index) => `many-${index}`);
  const count = manyApplications * objectsEach;
  const ours: number[] = [];
  const bare: number[] = [];
  await makeNamespace(rig.server, 'bare-many');
  for (let version = 1; version <= manyRounds + 1; version += 1) {
    rig.context.progress(`${manyApplications} applications, round ${version} of ${manyRounds + 1}`);
    const declared = namespaces.map((namespace) => ({
      application: namespace,
      objects: sampleConfigMaps(objectsEach, { version, namespace }),
    }));
    const ms = await commitToLive(rig, declared, { version, count, namespaces });
    await settled(rig.fleet);
    const limit = sampleConfigMaps(count, { version, namespace: 'bare-many' });
    const limitMs = await timed(() => applyAll(rig.server, limit, rig.context.signal));
    // The first round makes what the others change.
    if (version === 1) continue;
    ours.push(ms);
    bare.push(limitMs);
  }
  const figure = '100 applications of 8 ConfigMaps, one commit changes all, to live';
  const against = { name: 'bare client, 20 in flight', samples: bare };
  return [
    ...figuresOf('agent', { figure, unit: 'ms', samples: ours, against }),
    memoryFigure('agent RSS with 105 applications', residentMb(agentPid(rig))),
  ];
}
