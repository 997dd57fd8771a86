import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../refusal.ts';
import { newResource, rememberingId, withFields, type Resource } from './resource.ts';
import { compileSelector, type Selector } from './selection.ts';

const place = { file: 'kustomization.yaml', field: 'patches[0]' };

function resource(
  kind: string,
  metadata: { readonly [key: string]: string },
  apiVersion = 'apps/v1',
): Resource {
  return newResource({ apiVersion, kind, metadata }, { file: 'a.yaml', line: 1 });
}

function selects(selector: Selector, one: Resource): boolean {
  return compileSelector(selector, place)(one);
}

describe('a selector', () => {
  const web = resource('Deployment', { name: 'web-1', namespace: 'shop' });

  it('fits everything when it says nothing', () => {
    expect(selects({}, web)).toBe(true);
    expect(selects({ kind: '', name: '' }, web)).toBe(true);
  });

  it('fits whole texts by patterns', () => {
    expect(selects({ kind: 'Deployment', name: 'web-.*', group: 'apps', version: 'v[12]' }, web)).toBe(true);
    expect(selects({ name: 'web' }, web)).toBe(false);
    expect(selects({ kind: 'Deploy' }, web)).toBe(false);
    expect(selects({ kind: 'Job|Deployment' }, web)).toBe(true);
  });

  it('fits the name and namespace that a resource was loaded with, and those it has now', () => {
    const renamed = withFields(rememberingId(web), {
      ...web.fields,
      metadata: { name: 'prod-web-1', namespace: 'live' },
    });
    const again = withFields(rememberingId(renamed), {
      ...web.fields,
      metadata: { name: 'last', namespace: 'end' },
    });
    expect(selects({ name: 'web-1', namespace: 'live' }, renamed)).toBe(true);
    expect(selects({ name: 'prod-web-1', namespace: 'shop' }, renamed)).toBe(true);
    expect(selects({ name: 'prod-web-1' }, again)).toBe(false);
  });

  it('takes a missing namespace for default and knows kinds outside namespaces', () => {
    expect(selects({ namespace: 'default' }, resource('Deployment', { name: 'a' }))).toBe(true);
    expect(selects({ namespace: 'default' }, resource('Namespace', { name: 'a' }, 'v1'))).toBe(false);
  });

  it('fits labels and annotations', () => {
    const labelled = newResource(
      { kind: 'Pod', metadata: { name: 'a', labels: { app: 'web', size: 5 }, annotations: { note: 'x' } } },
      { file: 'a.yaml', line: 1 },
    );
    expect(selects({ labelSelector: 'app=web,size=5', annotationSelector: 'note' }, labelled)).toBe(true);
    expect(selects({ labelSelector: 'app!=web' }, labelled)).toBe(false);
    expect(selects({ labelSelector: '!app' }, web)).toBe(true);
  });

  it('is refused with its place when a pattern cannot be read', () => {
    expect(outcomeOf(() => compileSelector({ name: '(' }, place))).toMatchObject({
      errors: [{ file: 'kustomization.yaml', field: 'patches[0].target.name' }],
    });
  });

  it('is refused for its labels only when a resource passes everything else', () => {
    const selector = { kind: 'Job', labelSelector: 'a in' };
    expect(selects(selector, web)).toBe(false);
    expect(outcomeOf(() => selects({ labelSelector: 'a in' }, web))).toHaveProperty('errors');
  });
});
