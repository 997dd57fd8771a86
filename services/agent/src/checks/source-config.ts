import { z } from 'zod';

/** A place in or near this cluster that answers PromQL. Only the administrator of the cluster names such places. */
export interface MetricSource {
  readonly name: string;
  /** Where `/api/v1/query` is below. */
  readonly url: string;
  /** File with a bearer token, read for each question. */
  readonly tokenFile?: string;
  /** PEM file of the authority that signed its certificate; that of the system unless told. */
  readonly caFile?: string;
}

const sourceShape = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a DNS label'),
    url: z.string().max(2_000),
    tokenFile: z.string().min(1).exactOptional(),
    caFile: z.string().min(1).exactOptional(),
  })
  .superRefine(({ url, tokenFile }, context) => {
    const problem = urlProblem(url, tokenFile !== undefined);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['url'], message: problem });
  });

const sourcesShape = z
  .array(sourceShape)
  .max(32)
  .refine((sources) => new Set(sources.map(({ name }) => name)).size === sources.length, {
    message: 'every name must be there once',
  });

/** Reads the JSON list of `MERIDIAN_METRICS_SOURCES`; what is wrong with it names the entry and the field, and shows no value. */
export const metricSourcesSchema = z
  .string()
  .optional()
  .transform((text, context): unknown => {
    if (text === undefined || text.trim() === '') return [];
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({
        code: 'custom',
        message: 'must be JSON: a list of { name, url, tokenFile?, caFile? }',
      });
      return z.NEVER;
    }
  })
  .pipe(sourcesShape);

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function urlProblem(text: string, hasToken: boolean): string | undefined {
  const url = webUrl(text);
  if (!url) return 'must be an http or https URL';
  if (url.username !== '' || url.password !== '') return 'must have no credentials; use tokenFile';
  if (url.search !== '' || url.hash !== '') return 'must have neither ? nor #';
  const isInTheClear = url.protocol === 'http:' && !loopback.has(url.hostname);
  return hasToken && isInTheClear ? 'must be https, for a token is sent along' : undefined;
}

function webUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && ['http:', 'https:'].includes(url.protocol) ? url : undefined;
}
