import { askApiServer, startControlPlane, tempDir } from '@meridian/testkit';
import type { ControlPlane, TempDir } from '@meridian/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';

let dir: TempDir;
let server: ControlPlane;

beforeAll(async () => {
  dir = await tempDir('label-selector');
  server = await startControlPlane({ name: 'selectors', dir: dir.path, durable: false, minimal: true });
});

afterAll(async () => {
  await server.stop();
  await dir[Symbol.asyncDispose]();
});

/** What the real server says to a list: its refusal, or nothing. */
async function realRefusal(path: string): Promise<string | undefined> {
  const { status, text } = await askApiServer(server, 'GET', path);
  return status === 200 ? undefined : (JSON.parse(text) as { message?: string }).message;
}

const pieces = [
  'a',
  'b/c',
  'in',
  'notin',
  '=',
  '==',
  '!=',
  '!',
  '>',
  '<',
  '(',
  ')',
  ',',
  ' ',
  '7',
  '-x',
  '',
  'A b',
];

const labelQuery = (selector: string) =>
  `/api/v1/namespaces/default/configmaps?labelSelector=${encodeURIComponent(selector)}`;

it(
  'label selectors are taken and refused as by the real server, in its words',
  { timeout: 120_000 },
  async () => {
    const selector = fc.array(fc.constantFrom(...pieces), { maxLength: 9 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(selector, async (text) => {
        const parsed = parseLabelSelector(text);
        expect(parsed.ok ? undefined : parsed.message).toBe(await realRefusal(labelQuery(text)));
      }),
      { numRuns: 1_500, seed: 7 },
    );
  },
);

/** Where each resource with a selector of its own is listed, and one without. */
const collections: Readonly<Record<string, string>> = {
  pods: '/api/v1/pods',
  nodes: '/api/v1/nodes',
  replicationcontrollers: '/api/v1/replicationcontrollers',
  events: '/api/v1/events',
  namespaces: '/api/v1/namespaces',
  secrets: '/api/v1/secrets',
  services: '/api/v1/services',
  'jobs.batch': '/apis/batch/v1/jobs',
  'certificatesigningrequests.certificates.k8s.io': '/apis/certificates.k8s.io/v1/certificatesigningrequests',
  'deployments.apps': '/apis/apps/v1/deployments',
};

const fields = [
  ...[
    'metadata.name',
    'metadata.namespace',
    'metadata.uid',
    'spec.host',
    'spec.nodeName',
    'spec.restartPolicy',
  ],
  ...['spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork', 'status.phase', 'status.podIP'],
  ...[
    'status.podIPs',
    'status.nominatedNodeName',
    'spec.unschedulable',
    'status.replicas',
    'status.successful',
  ],
  ...['involvedObject.kind', 'involvedObject.uid', 'involvedObject.fieldPath', 'reason', 'source', 'type'],
  ...['reportingComponent', 'spec.clusterIP', 'spec.type', 'spec.signerName', 'spec', ''],
];

async function expectSameFieldRefusal(resource: string, selector: string): Promise<void> {
  const parsed = parseFieldSelector(selector, resource);
  const path = `${collections[resource] ?? ''}?fieldSelector=${encodeURIComponent(selector)}`;
  const said = await realRefusal(path);
  expect([resource, selector, parsed.ok ? undefined : parsed.message]).toEqual([resource, selector, said]);
}

it('fields can be selected by, kind by kind, as on the real server', { timeout: 120_000 }, async () => {
  for (const resource of Object.keys(collections)) {
    for (const field of fields) await expectSameFieldRefusal(resource, `${field}=x`);
  }
});

it(
  'field selectors are taken and refused as by the real server, in its words',
  { timeout: 120_000 },
  async () => {
    const parts = [
      'metadata.name',
      'status.phase',
      'bogus',
      '=',
      '==',
      '!=',
      '!',
      ',',
      '\\',
      'a',
      '\\=',
      '\\,',
      ' ',
    ];
    const selector = fc.array(fc.constantFrom(...parts), { maxLength: 7 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(selector, (text) => expectSameFieldRefusal('pods', text)),
      { numRuns: 800, seed: 7 },
    );
  },
);
