import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'prettier';
import { z } from 'zod';
import { repositoryRoot } from '../runner/command.ts';
import type { Generated } from './generated.ts';

/** Services whose environment is documented and set by charts. */
export const configuredServices = ['hub', 'agent'] as const;

/** One environment variable of a service. */
interface Variable {
  readonly name: string;
  readonly required: boolean;
  /** Shown type with bounds, for example `integer, 100 to 60000`. */
  readonly type: string;
  readonly default: string | undefined;
  readonly meaning: string;
}

type Property = { readonly [keyword: string]: unknown };

/**
 * The zod object in a service's `config.ts` whose keys are `MERIDIAN_*` names: what it reads from the environment.
 * Gives undefined when the service has no such file.
 */
export async function readEnvironmentSchema(service: string): Promise<z.ZodObject | undefined> {
  const path = join(repositoryRoot, 'services', service, 'src/config.ts');
  if (!existsSync(path)) return undefined;
  // Loaded by path, because no package may import a service.
  const module = (await import(pathToFileURL(path).href)) as { readonly [name: string]: unknown };
  const schema = Object.values(module).find(isEnvironment);
  if (!schema) throw new Error(`${path} exports no zod object with MERIDIAN_ variables`);
  return schema;
}

/** Makes `docs/configuration.md` from the configuration schemas of the services. */
export async function generateConfiguration(): Promise<Generated> {
  const sections: string[] = [];
  for (const service of configuredServices) {
    const schema = await readEnvironmentSchema(service);
    if (schema) sections.push(section(service, variablesOf(schema)));
  }
  if (sections.length === 0) return { files: new Map(), folders: [] };
  const text = await format(`${heading}\n${sections.join('\n')}`, { parser: 'markdown' });
  return { files: new Map([['docs/configuration.md', text]]), folders: [] };
}

const heading = `# Configuration

<!-- Generated from services/*/src/config.ts by \`npm run generate\`. Do not edit. -->

Every process is configured by environment variables. Secrets come as files, which variables that end in \`_FILE\` name.
All mistakes are reported at once at start, and the process then exits with code 1.
`;

function section(service: string, variables: readonly Variable[]): string {
  const rows = variables.map((variable) => {
    const preset =
      variable.default === undefined
        ? variable.required
          ? '**required**'
          : 'unset'
        : `\`${variable.default}\``;
    return `| \`${variable.name}\` | ${variable.type} | ${preset} | ${escaped(variable.meaning)} |`;
  });
  return `## ${service}\n\n| Variable | Type | Default | Meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function isEnvironment(value: unknown): value is z.ZodObject {
  return (
    value instanceof z.ZodObject && Object.keys(value.shape).some((name) => name.startsWith('MERIDIAN_'))
  );
}

function variablesOf(schema: z.ZodObject): readonly Variable[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const fieldType = field as z.ZodType;
    const property = z.toJSONSchema(fieldType, { io: 'input', unrepresentable: 'any' }) as Property;
    const optional = fieldType.safeParse(undefined).success;
    const preset = property['default'];
    return {
      name,
      required: !optional,
      type: shownType(property),
      default: preset === undefined ? undefined : shown(preset),
      meaning: typeof property['description'] === 'string' ? property['description'] : '',
    };
  });
}

function shownType(property: Property): string {
  if (Array.isArray(property['enum']))
    return property['enum'].map((each) => `\`${String(each)}\``).join(', ');
  const type = typeof property['type'] === 'string' ? property['type'] : 'string';
  const low = bound(property['minimum'] ?? property['exclusiveMinimum']);
  const high = bound(property['maximum'] ?? property['exclusiveMaximum']);
  if (low !== undefined && high !== undefined) return `${type}, ${low} to ${high}`;
  if (low !== undefined) return `${type}, at least ${low}`;
  return high === undefined ? type : `${type}, at most ${high}`;
}

function bound(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
