/*
 * Pages of other origins: which may send changing requests, and which may read answers (CORS, the
 * Fetch standard section 3.2).  The one place that decides about the Origin field.
 *
 * Origins    our own are public-url and the host that the request names; others are those of the
 *            setting cors-origins, whose pages may use the API and the media as the person that
 *            their browser is signed in as.  The cookies are SameSite=Lax: a browser sends them to
 *            us from pages of the same site only (www.example.org for lectures.example.org).
 */
#ifndef LECTERN_API_CROSS_ORIGIN_H
#define LECTERN_API_CROSS_ORIGIN_H

#include "http/exchange.h"

/*
 * Cross-site request forgery: a browser says where a changing request comes from.  One without
 * Origin comes from a program that holds the cookie itself.  SameSite=Lax on the cookie is the
 * second lock.  false: *problem is set.
 */
bool cross_origin_admit(const struct exchange *exchange, struct problem *problem);

/* Adds the fields by which a browser lets a page of a configured origin read the answer, and those
 * that a preflight asks for; none for other origins.  Vary is said once any origin is configured. */
void cross_origin_add_fields(struct exchange *exchange);

#endif
