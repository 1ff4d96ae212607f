/**
 * The refusal of a request on Node: the denial in a response of `node:http` or `node:http2`, whatever earlier code has
 * done to that response.
 */

import { closeAfterBody } from './closing.ts';
import { denialFor, FORBIDDEN, prepareHeaders } from './denial.ts';
import type { Guard } from './guard.ts';
import { headerOf, type NodeRequest, type NodeResponse } from './http.ts';

/** Prepares a response for `respond`: what `respond` does not set is then right for a denial. */
export function prepareDenial(request: NodeRequest, response: NodeResponse): void {
  closeAfterBody(request, response);
  if (response.headersSent) return;
  prepareHeaders(
    response.getHeaderNames?.() ?? [],
    (name) => response.removeHeader(name),
    (name, value) => response.setHeader(name, value),
  );
  response.statusCode = FORBIDDEN;
  // HTTP/2 has none, and warns when somebody looks.
  if (response.stream === undefined && response.statusMessage) response.statusMessage = '';
}

/**
 * Responds with 403, and a body unless the method is HEAD. A response that has already started is aborted, and so is one
 * that cannot be sent. Never throws.
 */
export function sendDenial(
  request: NodeRequest,
  response: NodeResponse,
  { requestIdOf, report }: Pick<Guard<never, never>, 'requestIdOf' | 'report'>,
  asked: unknown = request,
): void {
  try {
    if (response.headersSent) {
      abort(request, response);
      return;
    }
    const { contentType, body } = denialFor(headerOf(request, 'accept'), requestIdOf(asked as never));
    prepareDenial(request, response);
    response.setHeader('Content-Type', contentType);
    response.setHeader('Content-Length', body.length);
    if (request.method === 'HEAD') response.end();
    else response.end(body);
  } catch (error) {
    report(error, asked as never);
    abort(request, response);
  }
}

/** Gives up a response that has started with something else. Never throws. */
export function abort(request: NodeRequest, response: NodeResponse): void {
  try {
    closeAfterBody(request, response);
    if (!response.writableEnded) response.destroy();
  } catch {
    // The connection is gone already.
  }
}
