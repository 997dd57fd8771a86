import { forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, numberAt, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { rangeErrors, rangeWarnings } from '../validation/address-errors.ts';
import { isInRange, parseRange } from '../validation/addresses.ts';
import type { AddressRange } from '../validation/addresses.ts';
import { itemsWithPaths, oneOf, portName, portNumber } from '../validation/checks.ts';
import { textIn } from '../validation/go-fields.ts';
import { labelSelectorErrors } from '../validation/selector-errors.ts';

const types = ['Ingress', 'Egress'];

/** What is wrong with a network policy. Ranges that an older object has are not looked at again. */
export function networkPolicyErrors(policy: KubeObject, old?: KubeObject): FieldError[] {
  const spec = objectAt(policy, 'spec') ?? {};
  const known = old === undefined ? [] : blocksOf(old).flatMap(rangesOf);
  const rules = (field: string, peers: string) =>
    itemsWithPaths(spec[field], `spec.${field}`).flatMap(([rule, at]) => [
      ...itemsWithPaths(rule['ports'], `${at}.ports`).flatMap(portErrors),
      ...itemsWithPaths(rule[peers], `${at}.${peers}`).flatMap((peer) => peerErrors(peer, known)),
    ]);
  return [
    ...labelSelectorErrors(objectAt(spec, 'podSelector'), 'spec.podSelector'),
    ...rules('ingress', 'from'),
    ...rules('egress', 'to'),
    ...typeErrors(spec),
  ];
}

/** What a client is warned of in a network policy: ranges that are not in their best form. */
export function networkPolicyWarnings(policy: KubeObject): string[] {
  return blocksOf(policy).flatMap(([block, at]) => [
    ...rangeWarnings(textIn(block, 'cidr'), `${at}.cidr`),
    ...itemsAt(block, 'except').flatMap((range, index) =>
      typeof range === 'string' ? rangeWarnings(range, `${at}.except[${String(index)}]`) : [],
    ),
  ]);
}

function blocksOf(policy: KubeObject): readonly (readonly [JsonObject, string])[] {
  const spec = objectAt(policy, 'spec') ?? {};
  const sides = [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const;
  return sides.flatMap(([field, peers]) =>
    itemsWithPaths(spec[field], `spec.${field}`).flatMap(([rule, at]) =>
      itemsWithPaths(rule[peers], `${at}.${peers}`).flatMap(([peer, path]) => {
        const block = objectAt(peer, 'ipBlock');
        return block === undefined ? [] : [[block, `${path}.ipBlock`] as const];
      }),
    ),
  );
}

function rangesOf([block]: readonly [JsonObject, string]): readonly string[] {
  return [textIn(block, 'cidr'), ...itemsAt(block, 'except').filter((range) => typeof range === 'string')];
}

function portErrors([port, at]: readonly [JsonObject, string]): FieldError[] {
  return [...oneOf(port['protocol'], `${at}.protocol`, ['TCP', 'UDP', 'SCTP']), ...numberErrors(port, at)];
}

function numberErrors(port: JsonObject, at: string): FieldError[] {
  const [first, last] = [port['port'], numberAt(port, 'endPort')];
  const refused = (why: string) =>
    last === undefined
      ? []
      : [invalid(`${at}.endPort`, last, `may not be specified when \`port\` is ${why}`)];
  if (first === undefined) return refused('not specified');
  if (typeof first === 'string') return [...refused('non-numeric'), ...portName(first, `${at}.port`)];
  const order =
    last !== undefined && typeof first === 'number' && last < first
      ? [invalid(`${at}.endPort`, first, 'must be greater than or equal to `port`')]
      : [];
  return [...portNumber(first, `${at}.port`), ...order, ...portNumber(last, `${at}.endPort`)];
}

function peerErrors([peer, at]: readonly [JsonObject, string], known: readonly string[]): FieldError[] {
  const [pods, namespaces, block] = ['podSelector', 'namespaceSelector', 'ipBlock'].map((field) =>
    objectAt(peer, field),
  );
  const selectors = [pods, namespaces].filter((one) => one !== undefined).length;
  return [
    ...labelSelectorErrors(pods, `${at}.podSelector`),
    ...labelSelectorErrors(namespaces, `${at}.namespaceSelector`),
    ...(block === undefined ? [] : blockErrors(block, `${at}.ipBlock`, known)),
    ...(selectors === 0 && block === undefined ? [required(at, 'must specify a peer')] : []),
    ...(selectors > 0 && block !== undefined
      ? [forbidden(at, 'may not specify both ipBlock and another peer')]
      : []),
  ];
}

function blockErrors(block: JsonObject, at: string, known: readonly string[]): FieldError[] {
  const text = textIn(block, 'cidr');
  if (text === '') return [required(`${at}.cidr`)];
  const errors = known.includes(text) ? [] : rangeErrors(text, `${at}.cidr`);
  const range = parseRange(text);
  if (range === undefined) return errors;
  const excepted = itemsAt(block, 'except').flatMap((except, index) =>
    typeof except === 'string'
      ? exceptErrors(except, `${at}.except[${String(index)}]`, { range, known })
      : [],
  );
  return [...errors, ...excepted];
}

function exceptErrors(
  text: string,
  path: string,
  { range, known }: { readonly range: AddressRange; readonly known: readonly string[] },
): FieldError[] {
  const errors = known.includes(text) ? [] : rangeErrors(text, path);
  const except = parseRange(text);
  if (except === undefined) return errors;
  const start = { ...except.address, value: except.first };
  const within = isInRange(range, start) && range.bits < except.bits;
  return within ? errors : [...errors, invalid(path, text, 'must be a strict subset of `cidr`')];
}

function typeErrors(spec: JsonObject): FieldError[] {
  const given = itemsAt(spec, 'policyTypes').filter((type) => typeof type === 'string');
  const path = 'spec.policyTypes';
  if (given.length > types.length) return [invalid(path, given, 'may not specify more than two policyTypes')];
  return given.flatMap((type, index) =>
    types.includes(type) ? [] : [notSupported(`${path}[${String(index)}]`, type, types)],
  );
}
