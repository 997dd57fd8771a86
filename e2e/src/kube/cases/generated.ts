import { bodyAt, set } from '../body.ts';
import type { Body } from '../body.ts';
import { diceOf } from '../dice.ts';
import type { Dice } from '../dice.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

/** Who writes. */
export const managers = ['one', 'two', 'three'] as const;

/** Parts that an intent may have, per kind. Each is there by chance, with one of a few values, so that managers meet. */
const parts: Readonly<Record<string, readonly ((dice: Dice, object: Body) => void)[]>> = {
  ConfigMap: [
    (dice, object) => set(object, 'data', words(dice)),
    (dice, object) => set(object, 'metadata.labels', words(dice)),
    (dice, object) => set(object, 'metadata.annotations', words(dice)),
    (dice, object) => set(object, 'metadata.finalizers', some(dice, ['example.com/a', 'example.com/b'])),
  ],
  Deployment: [
    (dice, object) => set(object, 'spec.replicas', dice.below(4)),
    (dice, object) => set(object, 'spec.paused', dice.chance(0.5)),
    (dice, object) => set(object, 'metadata.labels', words(dice)),
    (dice, object) =>
      set(object, 'spec.strategy', dice.pick([{ type: 'Recreate' }, { rollingUpdate: { maxSurge: 2 } }])),
    (dice, object) => set(object, 'spec.template.metadata.annotations', words(dice)),
    (dice, object) => set(object, 'spec.template.spec.nodeSelector', words(dice)),
    (dice, object) =>
      set(object, 'spec.template.spec.containers.1', {
        name: dice.pick(['proxy', 'logger']),
        image: 'side:1',
      }),
    (dice, object) => set(object, 'spec.template.spec.containers.0.image', dice.pick(['a:1', 'a:2'])),
    (dice, object) =>
      set(
        object,
        'spec.template.spec.containers.0.env',
        some(dice, ['A', 'B', 'C']).map((name) => ({
          name,
          value: String(dice.below(2)),
        })),
      ),
    (dice, object) => set(object, 'spec.template.spec.containers.0.args', some(dice, ['--x', '--y'])),
    (dice, object) =>
      set(object, 'spec.template.spec.containers.0.resources', {
        limits: { cpu: dice.pick(['1', '1000m', '2']) },
      }),
    (dice, object) =>
      set(
        object,
        'spec.template.spec.tolerations',
        some(dice, ['gpu', 'spot']).map((key) => ({
          key,
          operator: 'Exists',
        })),
      ),
    (dice, object) =>
      set(
        object,
        'spec.template.spec.volumes',
        some(dice, ['models', 'cache']).map((name) => ({
          name,
          emptyDir: {},
        })),
      ),
  ],
  Service: [
    (dice, object) => set(object, 'metadata.annotations', words(dice)),
    (dice, object) => set(object, 'spec.selector', words(dice)),
    (dice, object) =>
      set(
        object,
        'spec.ports',
        some(dice, ['80', '81', '82'])
          .concat('90')
          .map((port) => ({ name: `p${port}`, port: Number(port), targetPort: dice.pick([8080, 'http']) })),
      ),
    (dice, object) => set(object, 'spec.sessionAffinity', dice.pick(['None', 'ClientIP'])),
    (dice, object) => set(object, 'spec.publishNotReadyAddresses', dice.chance(0.5)),
  ],
  HorizontalPodAutoscaler: [
    (dice, object) => set(object, 'spec.minReplicas', 1 + dice.below(3)),
    (dice, object) => set(object, 'spec.maxReplicas', 4 + dice.below(3)),
    (dice, object) => set(object, 'metadata.labels', words(dice)),
    (dice, object) =>
      set(object, 'spec.metrics', [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 + dice.below(3) } },
        },
      ]),
    (dice, object) =>
      set(object, 'spec.behavior', { scaleDown: { stabilizationWindowSeconds: 60 + dice.below(2) } }),
  ],
};

/** Some of three names with one of two values each. */
export function words(dice: Dice): Record<string, string> {
  return Object.fromEntries(some(dice, ['a', 'b', 'c']).map((name) => [name, String(dice.below(2))]));
}

/** Some of the items. */
export function some(dice: Dice, items: readonly string[]): string[] {
  return items.filter(() => dice.chance(0.6));
}

function intent(dice: Dice, kind: string): Body {
  const object = sampleOf(kind).make('');
  for (const part of parts[kind] ?? []) if (dice.chance(0.4)) part(dice, object);
  return object;
}

const types = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

async function step(session: Session, dice: Dice, kind: string): Promise<void> {
  const { path: collection } = sampleOf(kind);
  const path = `${collection}/sample`;
  const manager = dice.pick(managers);
  const roll = dice.below(20);
  const object = intent(dice, kind);
  if (roll < 9) await session.ask('PATCH', `${path}?fieldManager=${manager}`, object, { type: types.apply });
  else if (roll < 12) {
    await session.ask('PATCH', `${path}?fieldManager=${manager}&force=true`, object, { type: types.apply });
  } else if (roll < 14)
    await session.ask('PATCH', `${path}?fieldManager=${manager}`, object, { type: types.merge });
  else if (roll < 16)
    await session.ask('PATCH', `${path}?fieldManager=${manager}`, object, { type: types.strategic });
  else if (roll < 18) await replace(session, { path, manager }, object);
  else if (roll < 19) await session.ask('DELETE', path);
  else await session.ask('POST', `${collection}?fieldManager=${manager}`, object);
}

/** What a careful client does: reads, changes what it cares for, and writes the whole back. */
async function replace(
  session: Session,
  { path, manager }: { readonly path: string; readonly manager: string },
  object: Body,
): Promise<void> {
  const read = await session.ask('GET', path);
  if (read.status !== 200) return;
  const merged = (field: string) => ({ ...bodyAt(read.body, field), ...bodyAt(object, field) });
  const next: Body = { ...read.body, ...object, metadata: merged('metadata') };
  if (object['kind'] === 'Service') next['spec'] = merged('spec');
  await session.ask('PUT', `${path}?fieldManager=${manager}`, next);
}

/** Sequences of writes by several managers over one object, one case per seed. */
export const generatedCases: readonly ContractCase[] = Object.keys(parts).flatMap((kind, index) =>
  Array.from({ length: 40 }, (_, number) => {
    const seed = index * 1_000 + number;
    return {
      title: `generated: ${kind} written by several managers, seed ${String(seed)}`,
      async run(session: Session) {
        const dice = diceOf(seed);
        for (let count = 0; count < 12; count += 1) await step(session, dice, kind);
      },
    };
  }),
);
