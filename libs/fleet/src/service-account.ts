/** `NAME` or `NAMESPACE/NAME` of a service account; a namespace is a DNS label, a name may have dots. */
export const serviceAccountPattern =
  /^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\/)?[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/** A service account of Kubernetes. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/** The account that `NAME` or `NAMESPACE/NAME` says to an application in `namespace`. */
export function serviceAccountOf(text: string, namespace: string): ServiceAccount {
  const slash = text.indexOf('/');
  return slash < 0
    ? { namespace, name: text }
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}
