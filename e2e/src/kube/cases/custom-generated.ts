import { bodyAt, itemsAt, set } from '../body.ts';
import type { Body } from '../body.ts';
import { note } from '../custom-definition.ts';
import { diceOf } from '../dice.ts';
import type { Dice } from '../dice.ts';
import type { ContractCase, Session } from '../session.ts';
import { wide } from '../wide-definition.ts';
import { customValues, wideServed } from './custom-values.ts';
import { managers, some, words } from './generated.ts';

/** Several fields at once, right and wrong. What is found is compared in an order of its own: Go walks maps as it likes. */
const spec = (dice: Dice): Body =>
  Object.fromEntries(
    Array.from({ length: 1 + dice.below(4) }, () => dice.pick(customValues)).map(([field, ...values]) => [
      field,
      dice.pick(values),
    ]),
  );

async function tryValues(session: Session, dice: Dice): Promise<void> {
  const path = await wideServed(session);
  for (let count = 0; count < 12; count += 1) {
    const object = wide(spec(dice));
    const { status, body } = await session.attempt('POST', `${path}?dryRun=All`, object);
    const causes = itemsAt(body, 'details.causes').map((cause) => JSON.stringify(cause));
    note(session, `POST ${JSON.stringify(object)}`, {
      status,
      spec: bodyAt(body, 'spec'),
      causes: causes.sort(),
      ...(causes.length > 0 ? {} : { message: body['message'] ?? '' }),
    });
  }
}

/** Parts that an intent may have. Each is there by chance, with one of a few values, so that managers meet. */
const parts: readonly ((dice: Dice, object: Body) => void)[] = [
  (dice, object) => set(object, 'metadata.labels', words(dice)),
  (dice, object) => set(object, 'metadata.annotations', words(dice)),
  (dice, object) => set(object, 'spec.size', dice.pick([2, 4, 6])),
  (dice, object) => set(object, 'spec.level', dice.pick(['low', 'high'])),
  (dice, object) => set(object, 'spec.names', some(dice, ['a', 'b', 'c'])),
  (dice, object) => set(object, 'spec.few', dice.pick([[1, 2], [2, 3], [1, 1, 1]])),
  (dice, object) =>
    set(
      object,
      'spec.parts',
      some(dice, ['a', 'b', 'c']).map((name) => ({
        name,
        ...(dice.chance(0.5) ? { weight: dice.below(3) } : {}),
        ...(dice.chance(0.3) ? { port: 80 + dice.below(2) } : {}),
        ...(dice.chance(0.3) ? { nested: dice.pick([{}, { deep: 'x' }]) } : {}),
      })),
    ),
  (dice, object) => set(object, 'spec.amounts', dice.pick([{ cpu: 1 }, { cpu: 2, gpu: 1 }, { cpu: 2 }])),
  (dice, object) => set(object, 'spec.free', dice.pick([words(dice), { list: [dice.below(2)] }, { deep: words(dice) }])),
  (dice, object) => set(object, 'spec.anything', dice.pick([1, 'x', ['x'], words(dice), { deep: { er: dice.below(2) } }])),
  (dice, object) => set(object, 'spec.whole', dice.pick([{ a: 'x' }, { b: 'y' }, { a: 'x', b: 'y' }])),
  (dice, object) => set(object, 'spec.either', dice.pick([{ a: 'x' }, { b: 1 }])),
  (dice, object) => set(object, 'spec.port', dice.pick([80, 'http'])),
  (dice, object) => set(object, 'spec.nothing', dice.pick([null, 'x'])),
  (dice, object) => set(object, 'spec.filled', dice.pick([null, 'x'])),
  (dice, object) => set(object, 'spec.f-date-time', dice.pick(['2026-01-02T03:04:05Z', '2027-01-02T03:04:05Z'])),
  (dice, object) =>
    set(object, 'spec.pod', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { labels: words(dice) },
      ...(dice.chance(0.5) ? { spec: words(dice) } : {}),
    }),
];

function intent(dice: Dice): Body {
  const object = wide({});
  for (const part of parts) if (dice.chance(0.35)) part(dice, object);
  return object;
}

async function write(session: Session, dice: Dice): Promise<void> {
  const collection = await wideServed(session);
  const path = `${collection}/sample`;
  const manager = `fieldManager=${dice.pick(managers)}`;
  const object = intent(dice);
  const roll = dice.below(20);
  const applied = { type: 'application/apply-patch+yaml' };
  const merge = { type: 'application/merge-patch+json' };
  if (roll < 9) await session.ask('PATCH', `${path}?${manager}`, object, applied);
  else if (roll < 12) await session.ask('PATCH', `${path}?${manager}&force=true`, object, applied);
  else if (roll < 15) await session.ask('PATCH', `${path}?${manager}`, object, merge);
  else if (roll < 17) await replace(session, `${path}?${manager}`, object);
  else if (roll < 18) {
    await session.ask('PATCH', `${path}/scale?${manager}`, { spec: { replicas: 2 + 2 * dice.below(3) } }, merge);
  } else if (roll < 19) await session.ask('DELETE', path);
  else await session.ask('POST', `${collection}?${manager}`, object);
}

async function replace(session: Session, path: string, object: Body): Promise<void> {
  const read = await session.ask('GET', path);
  if (read.status !== 200) return;
  const metadata = { ...bodyAt(read.body, 'metadata'), ...bodyAt(object, 'metadata') };
  await session.ask('PUT', path, { ...read.body, ...object, metadata });
}

/** Values and writes of a custom kind by chance, one case per seed. */
export const customGeneratedCases: readonly ContractCase[] = [
  ...Array.from({ length: 30 }, (_, seed) => ({
    title: `generated: values of a custom kind, seed ${String(seed)}`,
    run: (session: Session) => tryValues(session, diceOf(90_000 + seed)),
  })),
  ...Array.from({ length: 40 }, (_, seed) => ({
    title: `generated: custom kind written by several managers, seed ${String(seed)}`,
    async run(session: Session) {
      const dice = diceOf(95_000 + seed);
      for (let count = 0; count < 12; count += 1) await write(session, dice);
    },
  })),
];
