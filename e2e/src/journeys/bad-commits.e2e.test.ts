import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplicationView } from '@meridian/fleet';
import { describe, expect, inject, test } from 'vitest';
import { edit, Fleet, until } from '@meridian/testkit';
import { allHealthy, reached } from '../views.ts';

const fleet = new Fleet(inject('fleetData'));
const frozen = 'inference-server';
const other = 'monitoring';
const base = 'applications/inference-server/base';

let version = 0;

/** A harmless change of another application, so that the same commit shows that one does not stop the other. */
function touchOther(dir: string): void {
  version += 1;
  const base = join(dir, 'applications/monitoring/base');
  edit(join(base, 'kustomization.yaml'), 'resources:\n', 'resources:\n  - touched.yaml\n');
  writeFileSync(join(base, 'touched.yaml'), touched(version));
}

function touched(count: number): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: touched\ndata:\n  count: "${count}"\n`;
}

const breakages: readonly {
  readonly title: string;
  readonly file: string;
  readonly says: RegExp;
  readonly breakIt: (dir: string) => void;
}[] = [
  {
    title: 'broken YAML',
    file: `${base}/configmap.yaml`,
    says: /configmap\.yaml/,
    breakIt: (dir) =>
      writeFileSync(
        join(dir, base, 'configmap.yaml'),
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [unclosed\n',
      ),
  },
  {
    title: 'a missing overlay',
    file: 'applications/inference-server/overlays/us-east-1/kustomization.yaml',
    says: /kustomization\.yaml/,
    breakIt: (dir) =>
      edit(
        join(dir, 'applications/inference-server/overlays/us-east-1/kustomization.yaml'),
        /resources:\n(\s*)- .*/,
        'resources:\n$1- ../nowhere',
      ),
  },
  {
    title: 'an unknown field',
    file: `${base}/kustomization.yaml`,
    says: /resorces|unknown/i,
    breakIt: (dir) => edit(join(dir, base, 'kustomization.yaml'), /$/, '\nresorces: []\n'),
  },
  {
    title: 'a cycle',
    file: `${base}/kustomization.yaml`,
    says: /cycle/i,
    breakIt: (dir) =>
      edit(join(dir, base, 'kustomization.yaml'), 'resources:\n', 'resources:\n  - ../overlays/prod\n'),
  },
];

describe.each(breakages)('a commit with $title', ({ file, says, breakIt }) => {
  let bad = '';

  test('freezes only that application, and status says where and why', async () => {
    await allHealthy(fleet);
    const before = await fleet.object('us-east-1', 'configmap', 'ml-serving', 'inference-server-config');
    bad = await fleet.push('break inference-server, touch monitoring', (dir) => {
      breakIt(dir);
      touchOther(dir);
    });
    await reached(fleet, other, bad);
    const view = await until('the application to be frozen', async () => {
      const seen = await fleet.api<ApplicationView>(`/v1/applications/${frozen}`);
      return seen.frozen.length > 0 ? seen : undefined;
    });
    expect(view.frozen.map((problem) => problem.file)).toContain(file);
    expect(view.frozen.map((problem) => `${problem.file} ${problem.message}`).join('\n')).toMatch(says);
    expect(view.revision).not.toBe(bad);
    expect(await fleet.object('us-east-1', 'configmap', 'ml-serving', 'inference-server-config')).toEqual(
      before,
    );
    const status = await fleet.cli('status');
    expect(status.stdout).toContain(frozen);
    expect(status.stdout).toContain(file);
  });

  test('the next good commit recovers it', async () => {
    const good = await fleet.revert(bad);
    await until('no problem left', async () =>
      (await fleet.api<ApplicationView>(`/v1/applications/${frozen}`)).frozen.length === 0 ? true : undefined,
    );
    const changed = await fleet.push('inference-server: next model', (dir) =>
      edit(join(dir, base, 'configmap.yaml'), /MODEL_VERSION: .*/, `MODEL_VERSION: "good-${version}"`),
    );
    expect(changed).not.toBe(good);
    await reached(fleet, frozen, changed);
  });
});

function empty(dir: string): void {
  const root = join(dir, 'applications/model-registry-sync');
  edit(
    join(root, 'base/kustomization.yaml'),
    /^[\s\S]*$/,
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n',
  );
  rmSync(join(root, 'overlays'), { recursive: true });
}

describe('an emptied overlay', () => {
  const application = 'model-registry-sync';
  const at = ['deployment', 'ml-platform', 'model-registry-sync'] as const;
  let emptied = '';

  test('prunes nothing without an approval', async () => {
    await allHealthy(fleet);
    const before = await fleet.object('eu-west-1', ...at);
    emptied = await fleet.push('empty the overlays by mistake', empty);
    const view = await until('the approval to be asked for', async () => {
      const seen = await fleet.api<ApplicationView>(`/v1/applications/${application}`);
      return seen.approvalNeeded ? seen : undefined;
    });
    expect(view.approvalNeeded!.revision).toBe(emptied);
    expect((await fleet.object('eu-west-1', ...at))!.metadata.uid).toBe(before!.metadata.uid);
    const status = await fleet.cli('status');
    expect(status.stdout).toMatch(/approv/i);
  });

  test('is forgotten when the next commit brings the objects back', async () => {
    const before = await fleet.object('eu-west-1', ...at);
    await fleet.revert(emptied);
    await until('no approval asked', async () =>
      (await fleet.api<ApplicationView>(`/v1/applications/${application}`)).approvalNeeded === null
        ? true
        : undefined,
    );
    expect((await fleet.object('eu-west-1', ...at))!.metadata.uid).toBe(before!.metadata.uid);
  });

  test('prunes after a person approved exactly that release', async () => {
    const again = await fleet.push('retire the sync', empty);
    await until('the approval to be asked for', async () => {
      const seen = await fleet.api<ApplicationView>(`/v1/applications/${application}`);
      return seen.approvalNeeded?.revision === again ? seen : undefined;
    });
    const approved = await fleet.cli('approve', application, '--reason', 'retired on purpose');
    expect(approved.stderr).toBe('');
    expect(approved.code).toBe(0);
    await until('the deployment to go', async () =>
      (await fleet.object('eu-west-1', ...at)) === undefined ? true : undefined,
    );
    const restored = await fleet.revert(again);
    await reached(fleet, application, restored);
    expect(await fleet.object('eu-west-1', ...at)).toBeDefined();
  });
});
