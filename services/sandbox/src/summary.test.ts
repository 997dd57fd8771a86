import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layout } from './data-directory.ts';
import { planClusters, portPurposes } from './plan.ts';
import type { SandboxPlan } from './plan.ts';
import { summaryText } from './summary.ts';

test('the summary names where every hub and agent serves its metrics', () => {
  const bare: SandboxPlan = { kube: 'real', clusters: planClusters(3), ports: {} };
  const ports = Object.fromEntries(portPurposes(bare).map((purpose, index) => [purpose, 20_000 + index]));
  const text = summaryText(
    layout(join(tmpdir(), 'fleet')),
    { ...bare, ports },
    { picture: undefined, unfinished: [], counts: { well: 0, total: 0 } },
  );
  for (const name of ['hub-1', 'hub-2', 'agent-us-east-1', 'agent-us-west-2', 'agent-eu-west-1'])
    expect(text).toMatch(
      new RegExp(`  ${name} +http://127\\.0\\.0\\.1:${ports[`${name} metrics`] ?? ''}/metrics\n`),
    );
});
