import { expect, test } from 'vitest';
import type { FleetPlan, PlannedApplication } from './fleet-plan.ts';
import { summaryOf } from './fleet-plan.ts';
import { planMarkdown } from './markdown.ts';

const changed = (application: string, value: string): PlannedApplication => ({
  outcome: 'changed',
  application,
  settings: [],
  placed: [],
  withdrawn: [],
  approvals: [],
  changes: [
    {
      clusters: ['east'],
      items: [
        {
          change: 'changed',
          key: { group: '', kind: 'ConfigMap', namespace: 'ml', name: 'settings' },
          fields: [{ path: 'data.x', before: 'old', after: value }],
        },
      ],
    },
  ],
});
const planOf = (applications: readonly PlannedApplication[]): FleetPlan => ({
  base: 'a'.repeat(40),
  head: 'b'.repeat(40),
  fleetClusters: 3,
  summary: summaryOf(applications),
  applications,
  problems: [],
  warnings: [],
});

test('changes fold away under the clusters that have them', () => {
  expect(planMarkdown(planOf([changed('web', 'new')]), new Map())).toBe(`<!-- meridian plan -->

### Meridian plan \`aaaaaaa..bbbbbbb\`

objects in 1 cluster of 1 application: 1 changed

#### web

<details><summary>in east</summary>

\`\`\`diff
! ConfigMap ml/settings
-     data.x: old
+     data.x: new
\`\`\`

</details>
`);
});

test('a value cannot close the block that it is shown in', () => {
  const markdown = planMarkdown(planOf([changed('web', '```\n</details>@everyone')]), new Map());
  expect(markdown).toContain('````diff');
});

test('text from the repository is neither markup nor a mention', () => {
  const problem = { file: 'a.yaml', message: '<img src=x> @someone fixes #1', clusters: [], isNew: true };
  const markdown = planMarkdown({ ...planOf([]), problems: [problem] }, new Map());
  expect(markdown).not.toContain('<img');
  expect(markdown).not.toContain('@someone');
  expect(markdown).not.toContain('#1');
});

test('a comment is never longer than GitHub takes, and says what is left out', () => {
  const many = Array.from({ length: 600 }, (_, index) => changed(`app-${index}`, 'v'.repeat(200)));
  const markdown = planMarkdown(planOf(many), new Map());
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toMatch(/\d+ more sections do not fit into a comment/);
  expect(markdown).toContain('meridian plan --base aaaaaaa --head bbbbbbb');
});
