import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { KubeKind } from './discovery.ts';
import { faultOfAnswer } from './fault-of.ts';
import type { RequestSubject } from './fault-of.ts';
import { deepest, isDeeper } from './bounded-depth.ts';
import { jsonFromWire, listFromWire, objectFromWire, textOf } from './from-wire.ts';
import { createKinds } from './kinds.ts';
import type { Kinds } from './kinds.ts';
import type { Kube, KubeList, KubeQuery, KubeRef, KubeVersion, RemoveOptions, WriteOptions } from './kube.ts';
import { isExpired, KubeStatusError } from './kube-status-error.ts';
import { collectionPath, objectPath, requireNamespace, withQuery } from './resource-path.ts';
import type { Query } from './resource-path.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';
import { watchOnce } from './watch-once.ts';

/** Half of what client-go asks for: a page is parsed in one go, and nothing else happens meanwhile. */
const usualPage = 250;

/** The client over a transport. What it learns of kinds it shares with the clients that `as` gives. */
export function kubeOver(transport: Transport, url: string, shared?: Kinds): Kube {
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    const answer = await transport.send(request);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw faultOfAnswer(answer, request.subject);
  };
  const fetch = async (path: string, accept: string, signal: AbortSignal) =>
    (
      await send({
        method: 'GET',
        path,
        accept,
        repeatable: true,
        subject: { text: `read ${path}`, secret: false },
        signal,
      })
    ).body;
  const kinds = shared ?? createKinds(fetch, () => performance.now());
  const resolve = (of: { readonly apiVersion: string; readonly kind: string }, signal: AbortSignal) =>
    kinds.resolve(of.apiVersion, of.kind, signal);

  const write = async (given: {
    readonly method: 'POST' | 'PUT' | 'PATCH';
    readonly verb: string;
    readonly ref: KubeRef;
    readonly body: unknown;
    readonly contentType: string;
    readonly query: Query;
    readonly options: WriteOptions;
  }): Promise<{ object: KubeObject; created: boolean }> => {
    const { ref, options } = given;
    const kind = await resolve(ref, options.signal);
    const subject = subjectOf(given.verb, ref);
    requireNamespace(kind, ref.namespace, ref.name);
    const path =
      given.method === 'POST'
        ? collectionPath(kind, ref.namespace)
        : objectPath(kind, ref.namespace, ref.name);
    const answer = await send({
      method: given.method,
      path: withQuery(path, {
        fieldManager: options.fieldManager,
        fieldValidation: 'Strict',
        dryRun: options.dryRun ? 'All' : undefined,
        ...given.query,
      }),
      contentType: given.contentType,
      body: JSON.stringify(given.body),
      // A create that is sent twice would report its own first try as a conflict.
      repeatable: given.method !== 'POST',
      subject,
      signal: options.signal,
    });
    return { object: objectOf(answer, ref, subject), created: answer.status === 201 };
  };

  const kube: Kube = {
    url,
    async serverVersion(signal): Promise<KubeVersion> {
      const version = jsonFromWire(await fetch('/version', 'application/json', signal), 'version');
      return {
        gitVersion: textOf(version['gitVersion']),
        major: textOf(version['major']),
        minor: textOf(version['minor']),
      };
    },
    async clusterUid(signal) {
      const namespace = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }, signal);
      if (namespace?.metadata.uid === undefined) {
        throw new FaultError(
          'not_found',
          `${url} has no namespace kube-system, whose UID stands for the cluster`,
          { retry: 'later' },
        );
      }
      return namespace.metadata.uid;
    },
    discover: (signal) => kinds.discover(signal),
    async get(ref, signal) {
      const kind = await resolve(ref, signal);
      const subject = subjectOf('get', ref);
      const path = objectPath(kind, ref.namespace, ref.name);
      try {
        return objectOf(await send({ method: 'GET', path, repeatable: true, subject, signal }), ref, subject);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    async list(query, signal) {
      try {
        return await collectPages(kube.pages(query, signal));
      } catch (error) {
        // The pages outlived the server's history: only one answer with everything is consistent now, as in client-go.
        if (!isExpired(error)) throw error;
        return collectPages(kube.pages({ ...query, limit: 0 }, signal));
      }
    },
    async *pages(query, signal): AsyncGenerator<KubeList> {
      const kind = await resolve(query, signal);
      const subject = listSubject(query);
      let next = '';
      do {
        const path = withQuery(collectionPath(kind, query.namespace), {
          ...selectorsOf(query),
          limit: query.limit === 0 ? undefined : (query.limit ?? usualPage),
          continue: next,
        });
        const answer = await send({ method: 'GET', path, repeatable: true, subject, signal });
        const page = listFromWire(jsonFromWire(answer.body, subject.text), query);
        next = page.next;
        yield { items: page.items, resourceVersion: page.resourceVersion };
      } while (next !== '');
    },
    watch: (query) =>
      watchOnce(transport, query, { kinds, subject: { ...listSubject(query), text: `watch ${query.kind}` } }),
    apply: (object, options) =>
      write({
        method: 'PATCH',
        verb: options.dryRun ? 'dry-run of apply' : 'apply',
        ref: refOf(object),
        body: object,
        contentType: 'application/apply-patch+yaml',
        query: { force: options.force },
        options,
      }),
    create: async (object, options) =>
      (
        await write({
          method: 'POST',
          verb: 'create',
          ref: refOf(object),
          body: object,
          contentType: 'application/json',
          query: {},
          options,
        })
      ).object,
    replace: async (object, options) =>
      (
        await write({
          method: 'PUT',
          verb: 'replace',
          ref: refOf(object),
          body: object,
          contentType: 'application/json',
          query: {},
          options,
        })
      ).object,
    patch: async (ref, change, options) =>
      (
        await write({
          method: 'PATCH',
          verb: 'patch',
          ref,
          body: change.patch,
          contentType:
            change.type === 'json' ? 'application/json-patch+json' : 'application/merge-patch+json',
          query: {},
          options,
        })
      ).object,
    async remove(ref, options) {
      const kind = await resolve(ref, options.signal);
      try {
        await send({
          method: 'DELETE',
          ...removal(kind, ref, options),
          repeatable: true,
          subject: subjectOf('remove', ref),
          signal: options.signal,
        });
        return 'removed';
      } catch (error) {
        if (isAbsent(error)) return 'absent';
        throw error;
      }
    },
    as: (user) => kubeOver(writingAs(transport, user), url, kinds),
    close: () => transport.close(),
  };
  return kube;
}

function writingAs(transport: Transport, user: string): Transport {
  return {
    ...transport,
    send: (request) => transport.send(request.method === 'GET' ? request : { ...request, actAs: user }),
  };
}

async function collectPages(pages: AsyncIterable<KubeList>): Promise<KubeList> {
  const items: KubeObject[] = [];
  let resourceVersion = '';
  for await (const page of pages) {
    for (const item of page.items) items.push(item);
    resourceVersion = page.resourceVersion;
  }
  return { items, resourceVersion };
}

function removal(kind: KubeKind, ref: KubeRef, options: RemoveOptions): { path: string; body: string } {
  const { uid, resourceVersion } = options;
  const body = {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: options.propagation ?? 'Background',
    preconditions: {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    ...(options.dryRun ? { dryRun: ['All'] } : {}),
  };
  return { path: objectPath(kind, ref.namespace, ref.name), body: JSON.stringify(body) };
}

/** A 404 about the object itself. One about the path means that the kind is gone, which is no answer about the object. */
function isAbsent(error: unknown): boolean {
  return error instanceof KubeStatusError && error.status === 404 && error.reason === 'NotFound';
}

function objectOf(
  answer: HttpAnswer,
  ref: { readonly apiVersion: string; readonly kind: string },
  subject: RequestSubject,
): KubeObject {
  const json = jsonFromWire(answer.body, subject.text);
  // Whoever reads one object may write parts of it back.
  if (isDeeper(json, deepest)) throw tooDeep(subject);
  const object = objectFromWire(json, ref);
  if (object) return object;
  throw new FaultError('unavailable', `${subject.text}: the answer is not a Kubernetes object`, {
    retry: 'later',
  });
}

function tooDeep(subject: RequestSubject): FaultError {
  const message = `${subject.text}: the object in the cluster is nested deeper than ${deepest} levels; remove what is too deep`;
  return new FaultError('invalid', message, { retry: 'later' });
}

function refOf(object: KubeObject): KubeRef {
  const { name, namespace } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function subjectOf(verb: string, ref: KubeRef): RequestSubject {
  return {
    text: `${verb} ${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`,
    secret: ref.kind === 'Secret',
  };
}

function listSubject(query: KubeQuery): RequestSubject {
  return {
    text: `list ${query.kind}${query.namespace ? ` in ${query.namespace}` : ''}`,
    secret: query.kind === 'Secret',
  };
}

function selectorsOf(query: KubeQuery): Query {
  return { labelSelector: query.labelSelector, fieldSelector: query.fieldSelector };
}
