import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { applicationLabel } from '../ports.ts';
import { bundleOf, emptyTree, nextCommit } from './commits.ts';
import { diceOf } from './dice.ts';
import { expectedOf, mistakesIn, nameOf } from './expected.ts';

const { tree } = nextCommit(emptyTree, diceOf(1));
const [application = 'a'] = [...tree.parts.keys()];
const stays = `ConfigMap stays-${application}`;

/** What a cluster has when nothing is wrong. */
function asItShouldBe(): KubeObject[] {
  return [...tree.parts.keys()]
    .flatMap((owner) => (bundleOf(tree, owner) ?? []).map((object) => ({ owner, object })))
    .filter(({ object }) => expectedOf(tree).has(nameOf(object)))
    .map(({ owner, object }) => labelled(object, owner, `uid of ${nameOf(object)}`));
}

const labelled = (object: KubeObject, owner: string, uid: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid, labels: { [applicationLabel]: owner } },
});

const change = (name: string, by: (object: KubeObject) => KubeObject | undefined): KubeObject[] =>
  asItShouldBe().flatMap((object) => (nameOf(object) === name ? (by(object) ?? []) : [object]));

const mistakes = (found: readonly KubeObject[], uids = new Map<string, string>()) =>
  mistakesIn(expectedOf(tree), found, uids);

describe('a look at what killed agents have left behind', () => {
  it('finds nothing wrong with what git says', () => {
    const uids = new Map<string, string>();
    expect(mistakes(asItShouldBe(), uids)).toEqual([]);
    expect(mistakes(asItShouldBe(), uids)).toEqual([]);
    expect(uids.size).toBeGreaterThan(0);
  });

  it('finds what is missing, what nobody wants, and what belongs to another', () => {
    expect(mistakes(change(stays, () => undefined))).toEqual([`${stays} is missing`]);
    const orphan = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'left' } };
    expect(mistakes([...asItShouldBe(), orphan])).toEqual(['ConfigMap left of nobody is an orphan']);
    expect(mistakes(change(stays, (object) => labelled(object, 'z', 'u')))).toEqual([
      `${stays} belongs to z, not to ${application}`,
    ]);
  });

  it('finds other content, and what was deleted and made again although it had to stay', () => {
    expect(mistakes(change(stays, (object) => ({ ...object, data: { value: 'x' } })))).toEqual([
      `${stays} is {"value":"x"}, not {"value":"1"}`,
    ]);
    const uids = new Map<string, string>();
    mistakes(asItShouldBe(), uids);
    const again = change(stays, (object) => labelled(object, application, 'another'));
    expect(mistakes(again, uids)).toEqual([`${stays} was deleted and made again`]);
  });

  it('finds hooks that should have gone', () => {
    const hook = (bundleOf(tree, application) ?? []).find(({ metadata }) =>
      metadata.name.startsWith('checks'),
    );
    expect(hook).toBeDefined();
    expect(mistakes([...asItShouldBe(), labelled(hook!, application, 'u')])).toEqual([
      `ConfigMap checks-${application} of ${application} is an orphan`,
    ]);
  });
});
