#pragma once
#include <postgresql/libpq-fe.h>

/* Field codes of PQresultErrorField are character constants, which Swift does not import. */
static inline int clibpq_field_severity(void) { return PG_DIAG_SEVERITY_NONLOCALIZED; }
static inline int clibpq_field_sqlstate(void) { return PG_DIAG_SQLSTATE; }
static inline int clibpq_field_message(void) { return PG_DIAG_MESSAGE_PRIMARY; }
static inline int clibpq_field_schema(void) { return PG_DIAG_SCHEMA_NAME; }
static inline int clibpq_field_table(void) { return PG_DIAG_TABLE_NAME; }
static inline int clibpq_field_column(void) { return PG_DIAG_COLUMN_NAME; }
static inline int clibpq_field_constraint(void) { return PG_DIAG_CONSTRAINT_NAME; }
static inline int clibpq_field_position(void) { return PG_DIAG_STATEMENT_POSITION; }
