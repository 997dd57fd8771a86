import type { Place, Resources } from '../build/step.ts';
import { resourcesIn } from '../build/documents.ts';
import { Refusal } from '../refusal.ts';

/**
 * The objects in the output of helm. Helm says in a comment which template each comes from; that is where they are
 * said to be from, since lines of the output are lines of nothing that a person can open.
 */
export function chartResources(output: { readonly text: string }, dir: string): Resources {
  const known = read.get(output);
  if (known) return known;
  const resources = resourcesOf(output.text, dir);
  read.set(output, resources);
  return resources;
}

/** Most clusters share the output of a chart, whose directory is a part of what it depends on. */
const read = new WeakMap<object, Resources>();

function resourcesOf(text: string, dir: string): Resources {
  const sourceAt = sourcesOf(text, dir);
  try {
    return resourcesIn(text, dir).map((resource) => ({
      ...resource,
      origin: sourceAt(resource.origin.line),
    }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(
      error.errors.map(({ line = 1, ...rest }) => ({
        ...rest,
        file: sourceAt(line).file,
        message: `what the template gives is refused: ${rest.message}`,
      })),
    );
  }
}

/** A way from a line of the output to the template that made it; of `web/templates/a.yaml` the first step is the chart's name. */
function sourcesOf(text: string, dir: string): (line: number) => Place & { readonly line: number } {
  const sources: { readonly from: number; readonly file: string }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const path = /^# Source: [^/]+\/(.+)$/.exec(line)?.[1];
    if (path !== undefined) sources.push({ from: index + 1, file: `${dir}/${path}` });
  }
  return (line) => ({ file: sources.findLast(({ from }) => from <= line)?.file ?? dir, line: 1 });
}
