import { isBody } from '../body.ts';
import type { Body } from '../body.ts';
import type { Dice } from '../dice.ts';

/** Where a value stands: the object or list that holds it, and its name or place there. */
interface Spot {
  readonly holder: Body;
  readonly name: string;
}

/**
 * Maps with names of the user's choice. They are changed as a whole and never get more than one bad member, because Go looks at
 * the members of a map in an order that changes from run to run.
 */
const maps = new Set([
  'annotations',
  'binaryData',
  'capacity',
  'data',
  'hard',
  'labels',
  'limits',
  'matchLabels',
  'nodeSelector',
  'overhead',
  'parameters',
  'requests',
]);

/** Fields in CEL: the words of a syntax error are cel-go's own. */
const expressions = new Set(['expression']);

const texts = [
  '',
  'Bad Value!',
  'x'.repeat(64),
  'with.dot',
  'UPPER',
  ' spaced ',
  '../up',
  '/absolute',
  'fine',
  '150%',
  'Always',
  'None',
];

const numbers = [-1, 0, 1, 2, 101, 65_536, 3_000_000_000, 1.5];

const wholeMaps: readonly unknown[] = [
  {},
  { 'bad key': 'x' },
  { fine: 'bad value!' },
  { fine: 'fine' },
  { cpu: '-1' },
  { cpu: 'lots' },
  { memory: '1500m' },
  { 'example.com/device': '1' },
  { 'hugepages-2Mi': '3Mi' },
  { bogus: '1' },
];

/** Changes an object in one to three random places: wrong types, values out of bounds, fields gone, items twice. */
export function mutateAtRandom(object: Body, dice: Dice): void {
  const count = 1 + dice.below(3);
  for (let done = 0; done < count; done += 1) {
    const spots = spotsOf(object);
    // An earlier change may have taken all that there was.
    if (spots.length > 0) mutateSpot(dice.pick(spots), dice);
  }
}

/** Every place below the fields of an object that a mutation may change; its identity is left alone. */
function spotsOf(object: Body): Spot[] {
  const names = Object.keys(object).filter((name) => !['apiVersion', 'kind', 'metadata', 'status'].includes(name));
  // Servers may write members in another order.
  return names.sort().flatMap((name) => below(object[name]));
}

function below(value: unknown): Spot[] {
  if (!isBody(value)) return [];
  const names = Array.isArray(value) ? Object.keys(value) : Object.keys(value).sort();
  return names.flatMap((name) => {
    if (expressions.has(name)) return [];
    const inner = maps.has(name) ? [] : below(value[name]);
    return [{ holder: value, name }, ...inner];
  });
}

function mutateSpot({ holder, name }: Spot, dice: Dice): void {
  const value = holder[name];
  const roll = dice.below(10);
  if (roll === 0 && !Array.isArray(holder)) delete holder[name];
  else if (roll === 1) holder[name] = dice.pick([7, 'text', true, [], {}, null]);
  else if (maps.has(name)) holder[name] = structuredClone(dice.pick(wholeMaps));
  else if (Array.isArray(value)) mutateList(value, dice);
  else holder[name] = otherThan(value, dice);
}

function mutateList(list: unknown[], dice: Dice): void {
  const roll = dice.below(4);
  if (roll === 0) list.length = 0;
  else if (roll === 1) list.reverse();
  else if (roll === 2) list.splice(dice.below(list.length), 1);
  else if (list.length > 0) list.push(structuredClone(dice.pick(list)));
}

function otherThan(value: unknown, dice: Dice): unknown {
  if (typeof value === 'string') return dice.pick(texts);
  if (typeof value === 'number') return dice.pick(numbers);
  if (typeof value === 'boolean') return !value;
  return dice.chance(0.5) ? {} : undefined;
}
