# Builds NumWatch with the project's own scripts, and keeps the program and its site.
FROM node:20-bookworm-slim AS node

FROM rust:1-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
# The tools first: they change seldom.
COPY Cargo.lock ./
COPY scripts scripts
COPY end2end/package.json end2end/package-lock.json end2end/.npmrc end2end/
RUN scripts/setup build
COPY . .
RUN scripts/build

FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin numwatch \
  && install -d -o numwatch /data
COPY --from=build /src/target/release/numwatch /usr/local/bin/numwatch
COPY --from=build /src/target/site /srv/site
ENV NUMWATCH_ADDR=0.0.0.0:3000 NUMWATCH_DATA_DIR=/data NUMWATCH_SITE_ROOT=/srv/site
USER numwatch
WORKDIR /data
VOLUME /data
EXPOSE 3000
CMD ["numwatch", "serve"]
