/** The text of a config map. */
export function configMap(name: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;
}

const noPatch = `{ target: { name: none.* }, patch: '[{ "op": "remove", "path": "/data" }]' }`;
/** As many objects times fields and patches as are not refused: seconds of work on any machine, and more memory than a small thread has. */
export const heavy = {
  'kustomization.yaml':
    'resources: [maps.yaml]\nconfigurations: [fields.yaml]\ncommonLabels: { a: b }\n' +
    `patches: [${Array.from({ length: 200 }, () => noPatch).join()}]\n`,
  'maps.yaml': Array.from({ length: 9_000 }, (_, index) => configMap(`map-${index}`)).join('---\n'),
  'fields.yaml': `commonLabels:\n${Array.from({ length: 1_000 }, (_, index) => `- { path: a${index}/b }\n`).join('')}`,
};
