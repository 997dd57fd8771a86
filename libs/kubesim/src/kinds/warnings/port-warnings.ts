import { goQuote } from '@meridian/cel';
import { numberAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { textOf } from '../validation/pod/forms.ts';
import type { Placed } from '../validation/pod/forms.ts';

/** What a server warns of the ports of all containers of a pod: the same port, or the same name, twice. */
export function portWarnings(containers: readonly Placed[]): string[] {
  const ports = containers.flatMap(([container, path]) =>
    itemsWithPaths(container['ports'], `${path}.ports`),
  );
  return [...clashWarnings(ports), ...nameWarnings(ports)];
}

function clashWarnings(ports: readonly Placed[]): string[] {
  const seen = new Map<string, Placed[]>();
  return ports.flatMap(([port, path]) => {
    const key = `${String(numberAt(port, 'containerPort') ?? 0)}/${textOf(port, 'protocol')}`;
    const others = seen.get(key) ?? [];
    const found = others.flatMap(([other, at]) => {
      const kind = clashOf(port, other);
      return kind === undefined ? [] : [`${path}: ${kind} port definition with ${at}`];
    });
    seen.set(key, [...others, [port, path]]);
    return [...addressWarnings([port, path]), ...found];
  });
}

function hostOf(port: JsonObject): { readonly ip: string; readonly number: number } {
  return { ip: textOf(port, 'hostIP'), number: numberAt(port, 'hostPort') ?? 0 };
}

function clashOf(port: JsonObject, other: JsonObject): string | undefined {
  const [a, b] = [hostOf(port), hostOf(other)];
  if (a.ip === b.ip && a.number === b.number) return 'duplicate';
  if (a.number === 0 || b.number === 0) return 'overlapping';
  const ambiguous = a.number === b.number && (a.ip === '') !== (b.ip === '');
  return ambiguous ? 'dangerously ambiguous' : undefined;
}

function addressWarnings([port, path]: Placed): string[] {
  const { ip, number } = hostOf(port);
  if (ip === '' || number !== 0) return [];
  const own = String(numberAt(port, 'containerPort') ?? 0);
  const shown = `{Name:${textOf(port, 'name')} HostPort:0 ContainerPort:${own} Protocol:${textOf(port, 'protocol')} HostIP:${ip}}`;
  return [`${path}: hostIP set without hostPort: ${shown}`];
}

function nameWarnings(ports: readonly Placed[]): string[] {
  const seen = new Map<string, string>();
  return ports.flatMap(([port, path]) => {
    const name = textOf(port, 'name');
    const first = seen.get(name);
    if (name !== '' && first === undefined) seen.set(name, path);
    if (name === '' || first === undefined) return [];
    const use = `services and probes that select ports by name will use ${first}`;
    return [`${path}: duplicate port name ${goQuote(name)} with ${first}, ${use}`];
  });
}
