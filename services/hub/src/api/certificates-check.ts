import type { ClusterView, DoctorView } from '@meridian/fleet';
import { stateOf } from '@meridian/link';

type Check = DoctorView['checks'][number];

/** Whether the certificates that agents attached with are renewed in time, and which ends first. Older hubs stored none. */
export function checkCertificates(clusters: readonly ClusterView[], nowMs: number): Check {
  const known = clusters
    .flatMap(({ name, status }) => (status?.certificate ? [{ name, ...status.certificate }] : []))
    .toSorted((one, other) => one.endsAtMs - other.endsAtMs);
  const late = known.filter((life) => ['ending', 'ended'].includes(stateOf(life, nowMs)));
  const text = ({ name, endsAtMs }: { readonly name: string; readonly endsAtMs: number }) =>
    `that of ${name} ${endsAtMs > nowMs ? 'ends' : 'ended'} at ${new Date(endsAtMs).toISOString()}`;
  const name = 'certificates';
  if (late.length > 0)
    return {
      name,
      ok: false,
      message: `not renewed: ${late.slice(0, 5).map(text).join(', ')}${late.length > 5 ? ` and ${late.length - 5} more` : ''}`,
      fix: 'look at the log of the agent there, which says why it was not renewed; docs/identity.md says how to bring it back',
    };
  const [first] = known;
  return {
    name,
    ok: true,
    message: first === undefined ? 'no agent has attached yet' : `all are renewed in time; ${text(first)}`,
  };
}
