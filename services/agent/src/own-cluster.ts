import { KubeStatusError, watchKind } from '@meridian/kube';
import type { KindEvent, Kube, KubeQuery } from '@meridian/kube';
import type { KubeObject } from '@meridian/manifests';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { fieldManager } from './ports.ts';
import type { KindRef, KubeNote, KubePort, Log, WatchOptions } from './ports.ts';
import { rewritePatch } from './rewrite-patch.ts';

/** What the adapter needs besides the connection. */
export interface OwnClusterConfig {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** The engine's view of the cluster that the agent lives in. */
export function openOwnCluster(kube: Kube, { clock, random, log }: OwnClusterConfig): KubePort {
  return {
    async identity(signal) {
      const [clusterUid, version] = await Promise.all([kube.clusterUid(signal), kube.serverVersion(signal)]);
      return { clusterUid, kubernetesVersion: version.gitVersion };
    },
    async isNamespaced({ apiVersion, kind }, signal) {
      return (await kube.discover(signal)).find(apiVersion, kind)?.namespaced;
    },
    get: (ref, signal) => kube.get(ref, signal),
    list: ({ most, ...query }, signal) =>
      most === undefined
        ? wholeList(kube, query, signal)
        : firstPage(kube, { ...query, limit: most }, signal),
    async apply(object, { dryRun = false, signal }) {
      return (await kube.apply(object, { fieldManager, force: true, dryRun, signal })).object;
    },
    async applyUncontested(object, signal) {
      try {
        return { ok: true, ...(await kube.apply(object, { fieldManager, force: false, signal })) };
      } catch (error) {
        if (!(error instanceof KubeStatusError) || error.conflicts.length === 0) throw error;
        return { ok: false, conflicts: error.conflicts };
      }
    },
    rewrite(live, object, { dryRun = false, signal }) {
      const { apiVersion, kind } = object;
      const { name, namespace } = live.metadata;
      const ref = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
      return kube.patch(
        ref,
        { type: 'json', patch: rewritePatch(live, object) },
        { fieldManager, dryRun, signal },
      );
    },
    async rewriteManagers({ apiVersion, kind, metadata }, managedFields, signal) {
      const { name, namespace, resourceVersion = '' } = metadata;
      const ref = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
      // A version that is not the stored one is refused, so this replaces exactly what was read (client-go does the same).
      const patch = [
        { op: 'replace', path: '/metadata/managedFields', value: [...managedFields] },
        { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
      ];
      await kube.patch(ref, { type: 'json', patch }, { fieldManager, signal });
    },
    async tryCreate(object, signal) {
      try {
        await kube.create(object, { fieldManager, dryRun: true, signal });
        return undefined;
      } catch (error) {
        if (signal.aborted || !(error instanceof FaultError)) throw error;
        // Only what has passed validation and admission gets as far as to the name that is taken.
        return error instanceof KubeStatusError && error.reason === 'AlreadyExists' ? undefined : error;
      }
    },
    // Server-side apply tells it as an internal error (structured-merge-diff, typed.AsTyped of a converted object).
    isAboutOtherVersion: (refusal) =>
      refusal instanceof KubeStatusError &&
      refusal.status === 500 &&
      refusal.message.includes('field not declared in schema'),
    immutableFields: (refusal) => (refusal instanceof KubeStatusError ? refusal.immutableFields : []),
    remove: (ref, uid, signal) => kube.remove(ref, { uid, signal }),
    async *watch({ apiVersion, kind }: KindRef, labelSelector, { signal, contact }) {
      const query = { apiVersion, kind, labelSelector, signal, clock, random };
      for await (const event of watchKind(heardBy(kube, contact), query)) {
        if (event.type === 'error') {
          const { error, retryInMs } = event;
          contact.failed(error);
          log.warn(
            { object: `${apiVersion}/${kind}`, error: errorText(error), durationMs: retryInMs },
            'watch is interrupted',
          );
          continue;
        }
        yield noteOf(event);
      }
    },
    as: (user) => openOwnCluster(kube.as(user), { clock, random, log }),
    put(object, signal) {
      const options = { fieldManager, signal };
      return object.metadata.resourceVersion === undefined
        ? kube.create(object, options)
        : kube.replace(object, options);
    },
  };
}

async function wholeList(kube: Kube, query: KubeQuery, signal: AbortSignal): Promise<readonly KubeObject[]> {
  return (await kube.list(query, signal)).items;
}

async function firstPage(
  kube: Kube,
  query: Parameters<Kube['pages']>[0],
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  for await (const { items } of kube.pages(query, signal)) return items;
  return [];
}

/**
 * Tells `contact` of answers that a watcher keeps to itself, such as bookmarks. A connection that is resumed may stay
 * quiet for a minute, so the kind is asked for first: that tells a server that is back from one that swallows requests.
 */
function heardBy(kube: Kube, contact: WatchOptions['contact']): Kube {
  let isDoubtful = false;
  return {
    ...kube,
    async list(query, signal) {
      const found = await kube.list(query, signal);
      isDoubtful = false;
      contact.heard();
      return found;
    },
    async *watch(query) {
      if (isDoubtful) {
        const { apiVersion, kind, labelSelector = '', signal } = query;
        await kube
          .pages({ apiVersion, kind, labelSelector, limit: 1 }, signal)
          [Symbol.asyncIterator]()
          .next();
        isDoubtful = false;
        contact.heard();
      }
      try {
        for await (const event of kube.watch(query)) {
          contact.heard();
          yield event;
        }
        // It was the server that ended it: where nothing happens that is all it says.
        if (!query.signal.aborted) contact.heard();
      } catch (error) {
        isDoubtful = true;
        throw error;
      }
    },
  };
}

function noteOf(event: Exclude<KindEvent, { type: 'error' }>): KubeNote {
  switch (event.type) {
    case 'synced':
      return { type: 'synced' };
    case 'applied':
      return { type: 'changed', object: event.object };
    case 'deleted': {
      const { apiVersion, kind, metadata } = event.object;
      return { type: 'deleted', object: { apiVersion, kind, metadata: { ...metadata } } };
    }
  }
}
