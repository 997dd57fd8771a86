import { expect, it } from 'vitest';
import { readOpenApiTexts } from './open-api-texts.ts';

it('has the parts of OpenAPI 2 and a document of OpenAPI 3 for each path, at its address', () => {
  const { v2, v3 } = readOpenApiTexts();
  expect(JSON.parse(v2.rest.toString())).toMatchObject({ swagger: '2.0' });
  expect(JSON.parse(v2.definitions.toString())).toHaveProperty(['io.k8s.api.apps.v1.Deployment', 'type']);
  expect(JSON.parse(v2.paths.toString())).toHaveProperty(['/apis/apps/v1/deployments', 'get']);
  for (const [path, { url, text }] of v3) {
    expect(url).toMatch(new RegExp(`^/openapi/v3/${path}\\?hash=[0-9A-F]{128}$`));
    const { openapi, paths } = JSON.parse(text.toString()) as { openapi: string; paths: object };
    expect(openapi).toBe('3.0.0');
    expect(Object.keys(paths).every((one) => one.startsWith(`/${path}`))).toBe(true);
  }
  expect(v3.size).toBe(47);
});
