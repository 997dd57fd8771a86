import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../runner/command.ts';
import type { Generated } from './generated.ts';

interface Right {
  readonly why: string;
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Rights {
  readonly managedVerbs: readonly string[];
  readonly readVerbs: readonly string[];
  readonly clusterRights: readonly Right[];
  readonly ownRights: readonly Right[];
}

const source = 'services/agent/src/rights.ts';
const target = 'helm/agent/templates/_rights.tpl';

/** Makes the rules of the agent chart's roles from what the agent says that it needs. */
export async function generateRights(): Promise<Generated> {
  // Loaded by path, because no package may import a service.
  const rights = (await import(pathToFileURL(join(repositoryRoot, source)).href)) as Rights;
  const parts = [
    `{{/* Generated from ${source} by \`npm run generate\`. Do not edit. */}}`,
    define('meridian.managedVerbs', listOf(rights.managedVerbs)),
    define('meridian.readVerbs', listOf(rights.readVerbs)),
    define('meridian.clusterRights', rights.clusterRights.map(rule).join('\n')),
    define('meridian.ownRights', rights.ownRights.map(rule).join('\n')),
  ];
  return { files: new Map([[target, `${parts.join('\n\n')}\n`]]), folders: [] };
}

const define = (name: string, text: string): string => `{{- define "${name}" -}}\n${text}\n{{- end -}}`;

const listOf = (words: readonly string[]): string =>
  `[${words.map((word) => (word === '' ? "''" : word)).join(', ')}]`;

function rule({ why, apiGroups, resources, verbs }: Right): string {
  return [
    ...wrapped(why).map((line) => `# ${line}`),
    `- apiGroups: ${listOf(apiGroups)}`,
    `  resources: ${listOf(resources)}`,
    `  verbs: ${listOf(verbs)}`,
  ].join('\n');
}

const lineLength = 100;

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + word.length >= lineLength) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
