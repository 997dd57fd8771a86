import type { Dice } from '../../kube/dice.ts';
import { isMap, someWay, valueAt, yamlOfPlain, type SeenObject, type Way } from './scene.ts';
import { oddScalar } from './scalars.ts';
import type { Yaml, YamlMap } from './yaml.ts';

/** Keys that say which item of a list is meant. */
const itemKeys = [
  'name',
  'containerPort',
  'port',
  'mountPath',
  'protocol',
  'key',
  'ip',
  'topologyKey',
  'kind',
];

/** A part of a merge patch that changes something which the object has, at any depth. */
export function shapedPatch(dice: Dice, { fields }: SeenObject): YamlMap {
  const way = someWay(dice, fields);
  const [first] = way;
  if (way.length < 2 || first === 'metadata' || first === 'kind' || first === 'apiVersion')
    return { more: oddScalar(dice) };
  const made = along(dice, { value: fields, way, at: 0 });
  return typeof made === 'object' && !Array.isArray(made) ? (made as YamlMap) : {};
}

interface Walk {
  readonly value: SeenObject['fields'];
  readonly way: Way;
  readonly at: number;
}

function along(dice: Dice, { value, way, at }: Walk): Yaml {
  const step = way[at];
  if (step === undefined) return ending(dice, value);
  const inner = valueAt(value, [step]) ?? null;
  const made = along(dice, { value: inner, way, at: at + 1 });
  if (typeof step === 'string') return { [step]: made };
  if (typeof made === 'string' || Array.isArray(made)) return [made];
  return [{ ...keysOf(inner), ...(made as YamlMap) }];
}

function keysOf(item: SeenObject['fields']): YamlMap {
  if (!isMap(item)) return {};
  return Object.fromEntries(
    itemKeys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, yamlOfPlain(item[key] ?? null)]),
  );
}

/** What a patch says about the thing at its end. */
function ending(dice: Dice, value: SeenObject['fields']): Yaml {
  const same = yamlOfPlain(value);
  return dice.pick<() => Yaml>([
    () => 'null',
    () => oddScalar(dice),
    () => same,
    () => ({}),
    () => [],
    () => ({ $patch: dice.pick(['delete', 'replace', 'merge']) }),
    () =>
      isMap(value) ? { ...(same as YamlMap), $patch: 'replace', more: oddScalar(dice) } : oddScalar(dice),
    () => (Array.isArray(same) ? [...(same as readonly Yaml[])].reverse() : oddScalar(dice)),
    () =>
      Array.isArray(same) ? [{ $patch: 'replace' }, ...(same as readonly Yaml[])] : { more: oddScalar(dice) },
  ])();
}

/** A way as a JSON pointer; now and then it names the item after the last one, or counts from the end. */
export function pointerOf(dice: Dice, way: Way): string {
  return way
    .map((step) => {
      if (typeof step === 'number') return dice.chance(0.1) ? dice.pick(['-', '-1']) : String(step);
      return step.replaceAll('~', '~0').replaceAll('/', '~1');
    })
    .map((step) => `/${step}`)
    .join('');
}
