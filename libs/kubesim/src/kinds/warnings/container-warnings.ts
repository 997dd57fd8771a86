import { goQuote, parseQuantity } from '@meridian/cel';
import { isObject, objectAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { textOf } from '../validation/pod/forms.ts';
import type { Placed } from '../validation/pod/forms.ts';

const seccomp = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';
const one = 1_000_000_000n;

/** The pod that a container is of, as far as warnings look at it. */
interface Surroundings {
  readonly annotations: Readonly<Record<string, string>>;
  /** Before `metadata`. */
  readonly path: string;
  readonly isTemplate: boolean;
  readonly spec: JsonObject;
}

/** What a server warns of a container: old annotations, parts of bytes, and variables that hide each other. */
export function containerWarnings([container, path]: Placed, around: Surroundings): string[] {
  const bytes = (list: string, name: string) => {
    const amount = textsAt(container, 'resources', list)[name];
    return amount === undefined ? [] : fractionWarning(amount, `${path}.resources.${list}[${name}]`);
  };
  return [
    ...profileWarnings(container, around),
    ...['memory', 'ephemeral-storage'].flatMap((name) => [
      ...bytes('limits', name),
      ...bytes('requests', name),
    ]),
    ...variableWarnings(container, `${path}.env`),
  ];
}

function profileWarnings(
  container: JsonObject,
  { annotations, path, isTemplate, spec }: Surroundings,
): string[] {
  const name = textOf(container, 'name');
  const says = (field: string) => isObject(objectAt(container, 'securityContext')?.[field]);
  const warn = (key: string, words: string) =>
    Object.hasOwn(annotations, key) ? [`${path}metadata.annotations[${key}]: ${words}`] : [];
  const podProfile = objectAt(spec, 'securityContext', 'appArmorProfile');
  const said = podProfile !== undefined && annotations[`${appArmor}${name}`] === annotationOf(podProfile);
  return [
    ...(says('seccompProfile')
      ? []
      : warn(`${seccomp}${name}`, 'non-functional in v1.27+; use the "seccompProfile" field instead')),
    ...(!isTemplate || said || says('appArmorProfile')
      ? []
      : warn(`${appArmor}${name}`, 'deprecated since v1.30; use the "appArmorProfile" field instead')),
  ];
}

/** The annotation that once said what a profile says. */
function annotationOf(profile: JsonObject): string {
  const type = textOf(profile, 'type');
  if (type === 'RuntimeDefault') return 'runtime/default';
  return type === 'Unconfined' ? 'unconfined' : `localhost/${textOf(profile, 'localhostProfile')}`;
}

/** A warning of an amount that is no whole number of bytes. */
export function fractionWarning(amount: string, path: string): string[] {
  const nano = parseQuantity(amount)?.nano ?? 0n;
  if (nano % one === 0n) return [];
  return [`${path}: fractional byte value ${goQuote(amount)} is invalid, must be an integer`];
}

/** Warnings of what of a list of amounts is counted in bytes and comes in parts of them. */
export function fractionWarnings(amounts: Readonly<Record<string, string>>, path: string): string[] {
  return ['memory', 'ephemeral-storage'].flatMap((name) => {
    const amount = amounts[name];
    return amount === undefined ? [] : fractionWarning(amount, `${path}[${name}]`);
  });
}

function variableWarnings(container: JsonObject, list: string): string[] {
  const seen = new Set<string>();
  return itemsWithPaths(container['env'], list).flatMap(([variable, path]) => {
    const name = textOf(variable, 'name');
    const again = seen.has(name);
    seen.add(name);
    if (!again || buildsOn(variable, `$(${name})`)) return [];
    return [`${path}: hides previous definition of ${goQuote(name)}, which may be dropped when using apply`];
  });
}

/** Whether a variable is made of what it was before, and more. */
function buildsOn(variable: JsonObject, reference: string): boolean {
  const value = textOf(variable, 'value');
  return !isObject(variable['valueFrom']) && value !== reference && value.includes(reference);
}
