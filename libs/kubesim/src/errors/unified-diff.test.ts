import { expect, it } from 'vitest';
import { goInternalLines } from '../schema/go-internal.ts';
import { unifiedDiff } from './unified-diff.ts';

it('tells two texts apart with three lines around each change', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
  const after = ['a', 'b', 'c', 'd', 'E', 'f', 'g', 'h', 'i', 'j', 'k'];
  expect(unifiedDiff(before, after)).toBe(
    '@@ -2,11 +2,10 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n i\n j\n k\n-l\n',
  );
});

it('leaves out what lies far between changes', () => {
  const lines = Array.from({ length: 20 }, (_, index) => String(index));
  const changed = lines.map((line, index) => ([2, 17].includes(index) ? 'changed' : line));
  expect(
    unifiedDiff(lines, changed)
      .split('\n')
      .filter((line) => line.startsWith('@')),
  ).toEqual(['@@ -1,6 +1,6 @@', '@@ -15,6 +15,6 @@']);
});

it('says nothing of equal texts', () => {
  expect(unifiedDiff(['a', 'b'], ['a', 'b'])).toBe('');
});

it('shows what changed in a pod as a real server does', () => {
  const spec = (more: object, container: object) => ({
    ...more,
    containers: [
      {
        name: 'a',
        image: 'x:1',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
        ...container,
      },
    ],
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
  const [before, after] = [spec({}, {}), spec({ hostname: 'abc' }, { command: ['sh'] })].map((value) =>
    goInternalLines(value, 'core.PodSpec'),
  );
  expect(unifiedDiff(before ?? [], after ?? []).split('\n')).toEqual([
    '@@ -5,7 +5,9 @@',
    '   {',
    '    "Name": "a",',
    '    "Image": "x:1",',
    '-   "Command": null,',
    '+   "Command": [',
    '+    "sh"',
    '+   ],',
    '    "Args": null,',
    '    "WorkingDir": "",',
    '    "Ports": null,',
    '@@ -64,7 +66,7 @@',
    '   "SELinuxChangePolicy": null',
    '  },',
    '  "ImagePullSecrets": null,',
    '- "Hostname": "",',
    '+ "Hostname": "abc",',
    '  "Subdomain": "",',
    '  "SetHostnameAsFQDN": null,',
    '  "Affinity": null,',
    '',
  ]);
});
