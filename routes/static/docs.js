"use strict";

SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "openapi.json",
  deepLinking: true,
  // The validator is a service of another host.
  validatorUrl: null,
});
