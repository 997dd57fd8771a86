import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { certificateAuthority } from '@meridian/testkit';
import { isJsonObject } from '../json.ts';
import type { TestPlane } from './plane.ts';
import type { World } from './world.ts';

const api = 'admissionregistration.k8s.io/v1';
const { signal } = new AbortController();

/** What a webhook says of one write, as the `response` of an AdmissionReview; without it the write is allowed. */
export type Said = { readonly allowed: boolean; readonly [field: string]: unknown } | undefined;

/** A mutating webhook for the ConfigMaps of a namespace. */
export interface TestWebhook extends AsyncDisposable {
  /** The names of the objects that it was asked about. */
  readonly asked: readonly string[];
}

/** Starts a webhook on this machine and has the API server of a plane ask it. `say` answers for the name of an object. */
export async function startWebhook(
  { kube }: TestPlane,
  { namespace }: World,
  say: (name: string) => Said,
): Promise<TestWebhook> {
  const authority = certificateAuthority('hooks');
  const own = authority.issue({
    commonName: 'hook',
    dnsNames: [],
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
  });
  const asked: string[] = [];
  const server = createServer({ cert: own.certificatePem, key: own.keyPem }, (request, response) => {
    void (async () => {
      const review: unknown = await json(request);
      const sent = isJsonObject(review) && isJsonObject(review['request']) ? review['request'] : {};
      const name = typeof sent['name'] === 'string' ? sent['name'] : '';
      asked.push(name);
      const said = { allowed: true, ...say(name), uid: sent['uid'] };
      response.end(
        JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: said }),
      );
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  const name = `hook-${namespace}`;
  const operations = ['CREATE', 'UPDATE'];
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations, resources: ['configmaps'] }];
  const webhook = {
    name: 'hook.example.com',
    admissionReviewVersions: ['v1'],
    clientConfig: {
      url: `https://127.0.0.1:${port}/`,
      caBundle: Buffer.from(authority.certificatePem).toString('base64'),
    },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    rules,
    sideEffects: 'None',
  };
  const kind = 'MutatingWebhookConfiguration';
  await kube.create(
    { apiVersion: api, kind, metadata: { name }, webhooks: [webhook] },
    { fieldManager: 'test', signal },
  );
  return {
    asked,
    async [Symbol.asyncDispose]() {
      await kube.remove({ apiVersion: api, kind, name }, { signal });
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
