import { keyOf } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { KubePort, ObjectRef } from '../ports.ts';
import type { LocalLimits } from './local-limits.ts';

/** The limits of this cluster do not let something be written. */
export class LimitFault extends FaultError {
  /** Nothing at all may be written now; else this object may not be. */
  readonly isStop: boolean;

  constructor(message: string, isStop: boolean) {
    super('denied', message, { retry: 'later' });
    this.isStop = isStop;
  }
}

/** Whether a write was refused because nothing may be written now; others may have said more of it. */
export function isFreeze(error: unknown): boolean {
  if (error instanceof LimitFault) return error.isStop;
  return error instanceof Error && error.cause !== undefined && isFreeze(error.cause);
}

type Limits = Pick<LocalLimits, 'rules' | 'stopped' | 'looksAtScope'>;

/**
 * The same cluster, but every write is held to the limits first, whoever asks for it: the last line behind all that plans
 * around them. Reads and dry runs change nothing and are let through.
 */
export function limitKube(kube: KubePort, limits: Limits): KubePort {
  const judge = (why: string | undefined): void => {
    const stop = limits.stopped();
    if (stop !== undefined) throw new LimitFault(stop, true);
    if (why !== undefined) throw new LimitFault(why, false);
  };
  const checkWrite = async (object: KubeObject, signal: AbortSignal): Promise<void> =>
    judge(limits.rules.refusal(await placed(kube, limits, object, signal)));
  const checkRef = async (ref: ObjectRef, signal: AbortSignal): Promise<void> => {
    const { apiVersion, kind, namespace, name } = ref;
    const object = { apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) } };
    judge(limits.rules.refusalOf(keyOf(await placed(kube, limits, object, signal))));
  };
  // Each call by name, so that none that is added to the port goes around the limits unseen.
  return {
    identity: (signal) => kube.identity(signal),
    isNamespaced: (kind, signal) => kube.isNamespaced(kind, signal),
    get: (ref, signal) => kube.get(ref, signal),
    list: (query, signal) => kube.list(query, signal),
    watch: (kind, labelSelector, options) => kube.watch(kind, labelSelector, options),
    tryCreate: (object, signal) => kube.tryCreate(object, signal),
    isAboutOtherVersion: (refusal) => kube.isAboutOtherVersion(refusal),
    immutableFields: (refusal) => kube.immutableFields(refusal),
    async apply(object, options) {
      if (options.dryRun !== true) await checkWrite(object, options.signal);
      return kube.apply(object, options);
    },
    async applyUncontested(object, signal) {
      await checkWrite(object, signal);
      return kube.applyUncontested(object, signal);
    },
    async rewrite(live, object, options) {
      if (options.dryRun !== true) await checkWrite(object, options.signal);
      return kube.rewrite(live, object, options);
    },
    async rewriteManagers(object, managedFields, signal) {
      const { namespace = '', name } = object.metadata;
      await checkRef({ apiVersion: object.apiVersion, kind: object.kind, namespace, name }, signal);
      return kube.rewriteManagers(object, managedFields, signal);
    },
    async remove(ref, uid, signal) {
      await checkRef(ref, signal);
      return kube.remove(ref, uid, signal);
    },
    async put(object, signal) {
      await checkWrite(object, signal);
      return kube.put(object, signal);
    },
    as: (user) => limitKube(kube.as(user), limits),
  };
}

/** Without the namespace that an object names although its kind has none: the API server ignores it. */
async function placed(
  kube: Pick<KubePort, 'isNamespaced'>,
  { looksAtScope }: Limits,
  object: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { namespace, ...metadata } = object.metadata;
  if (!looksAtScope || namespace === undefined) return object;
  return (await kube.isNamespaced(object, signal)) === false ? { ...object, metadata } : object;
}
