// Package notify tells people of alerts through a webhook, as Slack has it and
// Mattermost, Discord and others read it too.
//
// The address of a webhook is a secret: whoever has it can write to the channel. It
// comes from the environment only, and stands in no message of this package. A webhook
// that does not work is for a warning; it changes no verdict.
package notify
