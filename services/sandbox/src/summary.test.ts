import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layout } from './data-directory.ts';
import { planClusters, portPurposes } from './plan.ts';
import type { SandboxPlan } from './plan.ts';
import { summaryText } from './summary.ts';

/** The summary of a fleet of so many clusters, and the ports that it has. */
function summaryOf(count: number) {
  const bare: SandboxPlan = { kube: 'real', clusters: planClusters(count), ports: {} };
  const ports = Object.fromEntries(portPurposes(bare).map((purpose, index) => [purpose, 20_000 + index]));
  const text = summaryText(
    layout(join(tmpdir(), 'fleet')),
    { ...bare, ports },
    { picture: undefined, unfinished: [], counts: { well: 0, total: 0 } },
  );
  return { ports, text };
}

test('the summary names where every hub and agent serves its metrics', () => {
  const { ports, text } = summaryOf(3);
  for (const name of ['hub-1', 'hub-2', 'agent-us-east-1', 'agent-us-west-2', 'agent-eu-west-1'])
    expect(text).toMatch(
      new RegExp(`  ${name} +http://127\\.0\\.0\\.1:${ports[`${name} metrics`] ?? ''}/metrics\n`),
    );
});

test('the summary of a large fleet fits on a screen, and says where the rest is told', () => {
  const { text } = summaryOf(50);
  expect(text.split('\n').length).toBeLessThan(36);
  expect(text).toMatch(/\n {15}… and 42 more: npx meridian sandbox --data .*fleet\n/);
  expect(text).toMatch(/\n {15}… and 44 more: npx meridian sandbox --data .*fleet\n/);
});
