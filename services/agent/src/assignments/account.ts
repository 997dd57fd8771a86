import { serviceAccountOf } from '@meridian/fleet';
import type { Assignment, ServiceAccount } from '@meridian/fleet';

/** What an administrator of the cluster says of service accounts; no hub changes it. */
export interface LocalAccounts {
  /** Name of the account, in the namespace of each application, of those that name none; else they have the agent's rights. */
  readonly usual?: string | undefined;
  /**
   * Which others an application may name: `NAME` in its own namespace, or `NAMESPACE/NAME`; `*` stands for any text, but in
   * namespaces of Kubernetes itself (`kube-`) only behind that beginning.
   */
  readonly allowed: readonly string[];
  /** The namespace that the agent lives in, whose accounts nobody may name. */
  readonly ownNamespace: string;
}

/** Grammar of an entry of `allowed`. */
export const allowedAccountPattern =
  /^(?:(?=[^/]{1,63}\/)[a-z0-9*](?:[-a-z0-9*]*[a-z0-9*])?\/)?(?=[^/]{1,253}$)[a-z0-9*](?:[-a-z0-9.*]*[a-z0-9*])?$/;

/** By whose rights an application is written: a user of the API server, or the agent itself when it is undefined. */
export type AccountVerdict =
  { readonly ok: true; readonly user: string | undefined } | { readonly ok: false; readonly reason: string };

/** Decides by whose rights an assignment is written. One that asks for rights it may not have gets none, not even the agent's. */
export function judgeAccount({ namespace, rules }: Assignment, local: LocalAccounts): AccountVerdict {
  const named = rules?.serviceAccount;
  const usual = local.usual === undefined ? undefined : { namespace, name: local.usual };
  if (named === undefined) return { ok: true, user: usual && userOf(usual) };
  const account = serviceAccountOf(named, namespace);
  const isUsual = usual !== undefined && userOf(usual) === userOf(account);
  if (isUsual || isAllowed(account, namespace, local)) return { ok: true, user: userOf(account) };
  return { ok: false, reason: refusalOf(account, local) };
}

const userOf = ({ namespace, name }: ServiceAccount): string => `system:serviceaccount:${namespace}:${name}`;

function isAllowed(account: ServiceAccount, home: string, { allowed, ownNamespace }: LocalAccounts): boolean {
  if (account.namespace === ownNamespace) return false;
  return allowed.some((entry) => {
    const { namespace, name } = serviceAccountOf(entry, home);
    const isReserved = account.namespace.startsWith('kube-') && !namespace.startsWith('kube-');
    return !isReserved && fits(namespace, account.namespace) && fits(name, account.name);
  });
}

/** Walks from one piece between stars to the next, so that no pattern takes longer than the text is long. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  const middle = text.slice(first.length, text.length - last.length);
  let from = 0;
  return rest.every((piece) => {
    const at = middle.indexOf(piece, from);
    from = at + piece.length;
    return at >= 0;
  });
}

function refusalOf(
  { namespace, name }: ServiceAccount,
  { usual, allowed, ownNamespace }: LocalAccounts,
): string {
  const account = `service account ${namespace}/${name}, which syncPolicy.serviceAccount names`;
  if (namespace === ownNamespace)
    return `${account}, is in the namespace of this agent, whose accounts no application may have; name another one`;
  const all = [...(usual === undefined ? [] : [usual]), ...allowed];
  const which = all.length === 0 ? 'it allows none' : `it allows ${all.join(', ')}`;
  return (
    `${account}, is not allowed in this cluster: ${which}. Name one of these, or add it to ` +
    "impersonation.allowed of the agent's chart (MERIDIAN_ALLOWED_SERVICE_ACCOUNTS)"
  );
}
