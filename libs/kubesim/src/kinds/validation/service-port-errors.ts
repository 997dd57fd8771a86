import { dnsLabelProblems, labelKeyProblems } from '@meridian/cel';
import {
  duplicate,
  forbidden,
  GoText,
  goJson,
  invalid,
  notSupported,
  required,
} from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { numberAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { itemsWithPaths, portNumber, portNumberOrName } from './checks.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];

/** What is wrong with each port of a service. */
export function portsErrors(spec: JsonObject): FieldError[] {
  const ports = itemsWithPaths(spec['ports'], 'spec.ports');
  const names = new Set<string>();
  return ports.flatMap(([port, path]) => [
    ...nameErrors(port, `${path}.name`, { needed: ports.length > 1, names }),
    ...portNumber(numberAt(port, 'port') ?? 0, `${path}.port`),
    ...protocolErrors(port, `${path}.protocol`),
    ...portNumberOrName(port['targetPort'] ?? 0, `${path}.targetPort`),
    ...applicationErrors(port, `${path}.appProtocol`),
  ]);
}

function nameErrors(
  port: JsonObject,
  path: string,
  { needed, names }: { readonly needed: boolean; readonly names: Set<string> },
): FieldError[] {
  const name = textAt(port, 'name') ?? '';
  if (name === '') return needed ? [required(path)] : [];
  const errors = dnsLabelProblems(name).map((problem) => invalid(path, name, problem));
  const again = names.has(name);
  names.add(name);
  return again ? [...errors, duplicate(path, name)] : errors;
}

function protocolErrors(port: JsonObject, path: string): FieldError[] {
  const protocol = textAt(port, 'protocol') ?? '';
  if (protocol === '') return [required(path)];
  return protocols.includes(protocol) ? [] : [notSupported(path, protocol, protocols)];
}

function applicationErrors(port: JsonObject, path: string): FieldError[] {
  const protocol = textAt(port, 'appProtocol');
  if (protocol === undefined) return [];
  return labelKeyProblems(protocol).map((problem) => invalid(path, protocol, problem));
}

/** Services inside of the cluster have no node ports. */
export function clusterOnlyPortErrors(spec: JsonObject): FieldError[] {
  if (spec['type'] !== 'ClusterIP') return [];
  return itemsWithPaths(spec['ports'], 'spec.ports').flatMap(([port, path]) =>
    (numberAt(port, 'nodePort') ?? 0) === 0
      ? []
      : [forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'")],
  );
}

/** Node ports, and then ports, that stand twice with one protocol. */
export function repeatedPortErrors(spec: JsonObject): FieldError[] {
  const ports = itemsWithPaths(spec['ports'], 'spec.ports');
  return [
    ...repeated(ports, 'nodePort', (port, path) =>
      duplicate(`${path}.nodePort`, numberAt(port, 'nodePort') ?? 0),
    ),
    ...repeated(ports, 'port', (port, path) => duplicate(path, shownPort(port))),
  ];
}

function repeated(
  ports: readonly (readonly [JsonObject, string])[],
  field: 'nodePort' | 'port',
  error: (port: JsonObject, path: string) => FieldError,
): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap(([port, path]) => {
    const number = numberAt(port, field) ?? 0;
    if (field === 'nodePort' && number === 0) return [];
    const key = `${textAt(port, 'protocol') ?? ''}/${String(number)}`;
    const again = seen.has(key);
    seen.add(key);
    return again ? [error(port, path)] : [];
  });
}

/** Go shows its internal type, with only what makes the port the same. */
function shownPort(port: JsonObject): GoText {
  const protocol = goJson(port['protocol'] ?? '');
  const number = String(numberAt(port, 'port') ?? 0);
  return new GoText(
    `{"Name":"","Protocol":${protocol},"AppProtocol":null,"Port":${number},"TargetPort":0,"NodePort":0}`,
  );
}
