import { itemsAt, numberAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Misfit } from './node-fit.ts';
import type { Placed } from './placed-pods.ts';

interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** Why a pod's ports of the host are not free on a node (plugins/nodeports); undefined when they are. */
export function portMisfit(pod: KubeObject, there: readonly Placed[]): Misfit | undefined {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return undefined;
  const taken = there.flatMap((one) => hostPorts(one.pod));
  const clashes = wanted.some((one) => taken.some((other) => clash(one, other)));
  const reasons = ["node(s) didn't have free ports for the requested pod ports"];
  return clashes ? { reasons, resolvable: true } : undefined;
}

function hostPorts(pod: KubeObject): HostPort[] {
  return itemsAt(pod, 'spec', 'containers')
    .flatMap((container) => itemsAt(container, 'ports'))
    .flatMap((port) => {
      const number = numberAt(port, 'hostPort') ?? 0;
      const ip = textAt(port, 'hostIP') ?? '0.0.0.0';
      return number > 0 ? [{ ip, protocol: textAt(port, 'protocol') ?? 'TCP', port: number }] : [];
    });
}

function clash(a: HostPort, b: HostPort): boolean {
  const everywhere = a.ip === '0.0.0.0' || b.ip === '0.0.0.0';
  return a.port === b.port && a.protocol === b.protocol && (everywhere || a.ip === b.ip);
}
