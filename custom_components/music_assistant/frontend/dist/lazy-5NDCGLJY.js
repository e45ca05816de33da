import{a as a3,b as s2,c as F1,d as E1}from"./chunk-UULIYQQB.js";import{a as R1,b as q2,e as K2,f as j2,g as Q,h,i as f,j as D1,k as _1,l as $1,m as I1,n as X2}from"./chunk-BCJCPOJU.js";import"./chunk-NXDCYOV2.js";import{b as A}from"./chunk-LF3PYREK.js";async function A3(M){await s2(M);let V=H=>F1(M,H),C=(H,L)=>H.map(e=>({value:e,label:V(`${L}${e}`)}));return{schema:[{name:"entity",selector:{entity:{filter:{integration:Q,domain:"media_player",device_class:"speaker"}}}},{name:"views",selector:{select:{multiple:!0,options:C(R1,"view_")}}},{name:"library",selector:{select:{mode:"dropdown",options:C(q2,"shelf_")}}},{name:"height",selector:{number:{min:56,max:1200,mode:"box",unit_of_measurement:"px"}}}],computeLabel:H=>V(`config_${H.name}`),computeHelper:H=>{let L=`config_${H.name}_help`;return E1(L)?V(L):void 0},assertConfig:K2}}function d3(M){let V=_1(D1(M));return V?{entity:V.entityId}:{}}var N1="M11,14C12,14 13.05,14.16 14.2,14.44C13.39,15.31 13,16.33 13,17.5C13,18.39 13.25,19.23 13.78,20H3V18C3,16.81 3.91,15.85 5.74,15.12C7.57,14.38 9.33,14 11,14M11,12C9.92,12 9,11.61 8.18,10.83C7.38,10.05 7,9.11 7,8C7,6.92 7.38,6 8.18,5.18C9,4.38 9.92,4 11,4C12.11,4 13.05,4.38 13.83,5.18C14.61,6 15,6.92 15,8C15,9.11 14.61,10.05 13.83,10.83C13.05,11.61 12.11,12 11,12M18.5,10H20L22,10V12H20V17.5A2.5,2.5 0 0,1 17.5,20A2.5,2.5 0 0,1 15,17.5A2.5,2.5 0 0,1 17.5,15C17.86,15 18.19,15.07 18.5,15.21V10Z";var W1="M12,11A1,1 0 0,0 11,12A1,1 0 0,0 12,13A1,1 0 0,0 13,12A1,1 0 0,0 12,11M12,16.5C9.5,16.5 7.5,14.5 7.5,12C7.5,9.5 9.5,7.5 12,7.5C14.5,7.5 16.5,9.5 16.5,12C16.5,14.5 14.5,16.5 12,16.5M12,2A10,10 0 0,0 2,12A10,10 0 0,0 12,22A10,10 0 0,0 22,12A10,10 0 0,0 12,2Z";var Y2="M20,11V13H8L13.5,18.5L12.08,19.92L4.16,12L12.08,4.08L13.5,5.5L8,11H20Z";var J2="M13 20.5C13 21.03 13.09 21.53 13.26 22H6C4.89 22 4 21.11 4 20V4C4 2.9 4.89 2 6 2H7V9L9.5 7.5L12 9V2H18C19.1 2 20 2.89 20 4V11H16.5V16.11C14.5 16.57 13 18.36 13 20.5M20 13H18.5V18.21C18.19 18.07 17.86 18 17.5 18C16.12 18 15 19.12 15 20.5S16.12 23 17.5 23 20 21.88 20 20.5V15H22V13H20Z";var Q1="M9 3V18H12V3H9M12 5L16 18L19 17L15 4L12 5M5 5V18H8V5H5M3 19V21H21V19H3Z";var x1="M1,10V12A9,9 0 0,1 10,21H12C12,14.92 7.07,10 1,10M1,14V16A5,5 0 0,1 6,21H8A7,7 0 0,0 1,14M1,18V21H4A3,3 0 0,0 1,18M21,3H3C1.89,3 1,3.89 1,5V8H3V5H21V19H14V21H21A2,2 0 0,0 23,19V5C23,3.89 22.1,3 21,3Z";var C5="M21,7L9,19L3.5,13.5L4.91,12.09L9,16.17L19.59,5.59L21,7Z";var U1="M7.41,8.58L12,13.17L16.59,8.58L18,10L12,16L6,10L7.41,8.58Z";var H5="M7.41,15.41L12,10.83L16.59,15.41L18,14L12,8L6,14L7.41,15.41Z";var V5="M19,6.41L17.59,5L12,10.59L6.41,5L5,6.41L10.59,12L5,17.59L6.41,19L12,13.41L17.59,19L19,17.59L13.41,12L19,6.41Z";var L5="M17 3H5C3.89 3 3 3.9 3 5V19C3 20.1 3.89 21 5 21H19C20.1 21 21 20.1 21 19V7L17 3M19 19H5V5H16.17L19 7.83V19M12 12C10.34 12 9 13.34 9 15S10.34 18 12 18 15 16.66 15 15 13.66 12 12 12M6 6H15V10H6V6Z";var M5="M12,8A4,4 0 0,1 16,12A4,4 0 0,1 12,16A4,4 0 0,1 8,12A4,4 0 0,1 12,8M3.05,13H1V11H3.05C3.5,6.83 6.83,3.5 11,3.05V1H13V3.05C17.17,3.5 20.5,6.83 20.95,11H23V13H20.95C20.5,17.17 17.17,20.5 13,20.95V23H11V20.95C6.83,20.5 3.5,17.17 3.05,13M12,5A7,7 0 0,0 5,12A7,7 0 0,0 12,19A7,7 0 0,0 19,12A7,7 0 0,0 12,5Z";var d1="M12,16A2,2 0 0,1 14,18A2,2 0 0,1 12,20A2,2 0 0,1 10,18A2,2 0 0,1 12,16M12,10A2,2 0 0,1 14,12A2,2 0 0,1 12,14A2,2 0 0,1 10,12A2,2 0 0,1 12,10M12,4A2,2 0 0,1 14,6A2,2 0 0,1 12,8A2,2 0 0,1 10,6A2,2 0 0,1 12,4Z";var e5="M21 11H3V9H21V11M21 13H3V15H21V13Z";var Z2="M22 8V11H16.5V16.11C14.66 16.53 13.26 18.09 13.04 20H4C2.9 20 2 19.11 2 18V6C2 4.89 2.89 4 4 4H10L12 6H20C21.1 6 22 6.89 22 8M18.5 13V18.21C18.19 18.07 17.86 18 17.5 18C16.12 18 15 19.12 15 20.5S16.12 23 17.5 23 20 21.88 20 20.5V15H22V13H18.5Z";var G1="M12,21.35L10.55,20.03C5.4,15.36 2,12.27 2,8.5C2,5.41 4.42,3 7.5,3C9.24,3 10.91,3.81 12,5.08C13.09,3.81 14.76,3 16.5,3C19.58,3 22,5.41 22,8.5C22,12.27 18.6,15.36 13.45,20.03L12,21.35Z";var V1="M12.1,18.55L12,18.65L11.89,18.55C7.14,14.24 4,11.39 4,8.5C4,6.5 5.5,5 7.5,5C9.04,5 10.54,6 11.07,7.36H12.93C13.46,6 14.96,5 16.5,5C18.5,5 20,6.5 20,8.5C20,11.39 16.86,14.24 12.1,18.55M16.5,3C14.76,3 13.09,3.81 12,5.08C10.91,3.81 9.24,3 7.5,3C4.42,3 2,5.41 2,8.5C2,12.27 5.4,15.36 10.55,20.03L12,21.35L13.45,20.03C18.6,15.36 22,12.27 22,8.5C22,5.41 19.58,3 16.5,3Z";var r5="M13.5,8H12V13L16.28,15.54L17,14.33L13.5,12.25V8M13,3A9,9 0 0,0 4,12H1L4.96,16.03L9,12H6A7,7 0 0,1 13,5A7,7 0 0,1 20,12A7,7 0 0,1 13,19C11.07,19 9.32,18.21 8.06,16.94L6.64,18.36C8.27,20 10.5,21 13,21A9,9 0 0,0 22,12A9,9 0 0,0 13,3";var z1="M10.59,13.41C11,13.8 11,14.44 10.59,14.83C10.2,15.22 9.56,15.22 9.17,14.83C7.22,12.88 7.22,9.71 9.17,7.76V7.76L12.71,4.22C14.66,2.27 17.83,2.27 19.78,4.22C21.73,6.17 21.73,9.34 19.78,11.29L18.29,12.78C18.3,11.96 18.17,11.14 17.89,10.36L18.36,9.88C19.54,8.71 19.54,6.81 18.36,5.64C17.19,4.46 15.29,4.46 14.12,5.64L10.59,9.17C9.41,10.34 9.41,12.24 10.59,13.41M13.41,9.17C13.8,8.78 14.44,8.78 14.83,9.17C16.78,11.12 16.78,14.29 14.83,16.24V16.24L11.29,19.78C9.34,21.73 6.17,21.73 4.22,19.78C2.27,17.83 2.27,14.66 4.22,12.71L5.71,11.22C5.7,12.04 5.83,12.86 6.11,13.65L5.64,14.12C4.46,15.29 4.46,17.19 5.64,18.36C6.81,19.54 8.71,19.54 9.88,18.36L13.41,14.83C14.59,13.66 14.59,11.76 13.41,10.59C13,10.2 13,9.56 13.41,9.17Z";var t5="M2,5.27L3.28,4L20,20.72L18.73,22L13.9,17.17L11.29,19.78C9.34,21.73 6.17,21.73 4.22,19.78C2.27,17.83 2.27,14.66 4.22,12.71L5.71,11.22C5.7,12.04 5.83,12.86 6.11,13.65L5.64,14.12C4.46,15.29 4.46,17.19 5.64,18.36C6.81,19.54 8.71,19.54 9.88,18.36L12.5,15.76L10.88,14.15C10.87,14.39 10.77,14.64 10.59,14.83C10.2,15.22 9.56,15.22 9.17,14.83C8.12,13.77 7.63,12.37 7.72,11L2,5.27M12.71,4.22C14.66,2.27 17.83,2.27 19.78,4.22C21.73,6.17 21.73,9.34 19.78,11.29L18.29,12.78C18.3,11.96 18.17,11.14 17.89,10.36L18.36,9.88C19.54,8.71 19.54,6.81 18.36,5.64C17.19,4.46 15.29,4.46 14.12,5.64L10.79,8.97L9.38,7.55L12.71,4.22M13.41,9.17C13.8,8.78 14.44,8.78 14.83,9.17C16.2,10.54 16.61,12.5 16.06,14.23L14.28,12.46C14.23,11.78 13.94,11.11 13.41,10.59C13,10.2 13,9.56 13.41,9.17Z";var i5="M9.5,3A6.5,6.5 0 0,1 16,9.5C16,11.11 15.41,12.59 14.44,13.73L14.71,14H15.5L20.5,19L19,20.5L14,15.5V14.71L13.73,14.44C12.59,15.41 11.11,16 9.5,16A6.5,6.5 0 0,1 3,9.5A6.5,6.5 0 0,1 9.5,3M9.5,5C7,5 5,7 5,9.5C5,12 7,14 9.5,14C12,14 14,12 14,9.5C14,7 12,5 9.5,5Z";var u2="M16,9H13V14.5A2.5,2.5 0 0,1 10.5,17A2.5,2.5 0 0,1 8,14.5A2.5,2.5 0 0,1 10.5,12C11.07,12 11.58,12.19 12,12.5V7H16V9M12,2A10,10 0 0,1 22,12A10,10 0 0,1 12,22A10,10 0 0,1 2,12A10,10 0 0,1 12,2M12,4A8,8 0 0,0 4,12A8,8 0 0,0 12,20A8,8 0 0,0 20,12A8,8 0 0,0 12,4Z";var q1="M12 3V13.55C11.41 13.21 10.73 13 10 13C7.79 13 6 14.79 6 17S7.79 21 10 21 14 19.21 14 17V7H18V3H12Z";var K1="M14,19H18V5H14M6,19H10V5H6V19Z";var E="M8,5.14V19.14L19,12.14L8,5.14Z";var U="M15,6H3V8H15V6M15,10H3V12H15V10M3,16H11V14H3V16M17,6V14.18C16.69,14.07 16.35,14 16,14A3,3 0 0,0 13,17A3,3 0 0,0 16,20A3,3 0 0,0 19,17V8H22V6H17Z";var j1="M3 10H14V12H3V10M3 6H14V8H3V6M3 14H10V16H3V14M16 13V21L22 17L16 13Z",o5="M3 16H10V14H3M18 14V10H16V14H12V16H16V20H18V16H22V14M14 6H3V8H14M14 10H3V12H14V10Z",s1="M14 10H3V12H14V10M14 6H3V8H14V6M3 16H10V14H3V16M14.4 22L17 19.4L19.6 22L21 20.6L18.4 18L21 15.4L19.6 14L17 16.6L14.4 14L13 15.4L15.6 18L13 20.6L14.4 22Z";var a5="M19,13H13V19H11V13H5V11H11V5H13V11H19V13Z";var c2="M17,18.25V21.5H7V18.25C7,16.87 9.24,15.75 12,15.75C14.76,15.75 17,16.87 17,18.25M12,5.5A6.5,6.5 0 0,1 18.5,12C18.5,13.25 18.15,14.42 17.54,15.41L16,14.04C16.32,13.43 16.5,12.73 16.5,12C16.5,9.5 14.5,7.5 12,7.5C9.5,7.5 7.5,9.5 7.5,12C7.5,12.73 7.68,13.43 8,14.04L6.46,15.41C5.85,14.42 5.5,13.25 5.5,12A6.5,6.5 0 0,1 12,5.5M12,1.5A10.5,10.5 0 0,1 22.5,12C22.5,14.28 21.77,16.39 20.54,18.11L19.04,16.76C19.96,15.4 20.5,13.76 20.5,12A8.5,8.5 0 0,0 12,3.5A8.5,8.5 0 0,0 3.5,12C3.5,13.76 4.04,15.4 4.96,16.76L3.46,18.11C2.23,16.39 1.5,14.28 1.5,12A10.5,10.5 0 0,1 12,1.5M12,9.5A2.5,2.5 0 0,1 14.5,12A2.5,2.5 0 0,1 12,14.5A2.5,2.5 0 0,1 9.5,12A2.5,2.5 0 0,1 12,9.5Z";var S2="M16.56,5.44L15.11,6.89C16.84,7.94 18,9.83 18,12A6,6 0 0,1 12,18A6,6 0 0,1 6,12C6,9.83 7.16,7.94 8.88,6.88L7.44,5.44C5.36,6.88 4,9.28 4,12A8,8 0 0,0 12,20A8,8 0 0,0 20,12C20,9.28 18.64,6.88 16.56,5.44M13,3H11V13H13";var A5="M13,2.03V2.05L13,4.05C17.39,4.59 20.5,8.58 19.96,12.97C19.5,16.61 16.64,19.5 13,19.93V21.93C18.5,21.38 22.5,16.5 21.95,11C21.5,6.25 17.73,2.5 13,2.03M11,2.06C9.05,2.25 7.19,3 5.67,4.26L7.1,5.74C8.22,4.84 9.57,4.26 11,4.06V2.06M4.26,5.67C3,7.19 2.25,9.04 2.05,11H4.05C4.24,9.58 4.8,8.23 5.69,7.1L4.26,5.67M2.06,13C2.26,14.96 3.03,16.81 4.27,18.33L5.69,16.9C4.81,15.77 4.24,14.42 4.06,13H2.06M7.1,18.37L5.67,19.74C7.18,21 9.04,21.79 11,22V20C9.58,19.82 8.23,19.25 7.1,18.37M12.5,7V12.25L17,14.92L16.25,16.15L11,13V7H12.5Z";var d5="M20,6A2,2 0 0,1 22,8V20A2,2 0 0,1 20,22H4A2,2 0 0,1 2,20V8C2,7.15 2.53,6.42 3.28,6.13L15.71,1L16.47,2.83L8.83,6H20M20,8H4V12H16V10H18V12H20V8M7,14A3,3 0 0,0 4,17A3,3 0 0,0 7,20A3,3 0 0,0 10,17A3,3 0 0,0 7,14Z";var p5="M12,10A2,2 0 0,1 14,12C14,12.5 13.82,12.94 13.53,13.29L16.7,22H14.57L12,14.93L9.43,22H7.3L10.47,13.29C10.18,12.94 10,12.5 10,12A2,2 0 0,1 12,10M12,8A4,4 0 0,0 8,12C8,12.5 8.1,13 8.28,13.46L7.4,15.86C6.53,14.81 6,13.47 6,12A6,6 0 0,1 12,6A6,6 0 0,1 18,12C18,13.47 17.47,14.81 16.6,15.86L15.72,13.46C15.9,13 16,12.5 16,12A4,4 0 0,0 12,8M12,4A8,8 0 0,0 4,12C4,14.36 5,16.5 6.64,17.94L5.92,19.94C3.54,18.11 2,15.23 2,12A10,10 0 0,1 12,2A10,10 0 0,1 22,12C22,15.23 20.46,18.11 18.08,19.94L17.36,17.94C19,16.5 20,14.36 20,12A8,8 0 0,0 12,4Z";var h2="M17,17H7V14L3,18L7,22V19H19V13H17M7,7H17V10L21,6L17,2V5H5V11H7V7Z";var n5="M13,15V9H12L10,10V11H11.5V15M17,17H7V14L3,18L7,22V19H19V13H17M7,7H17V10L21,6L17,2V5H5V11H7V7Z";var X1="M15,20A1,1 0 0,0 16,19V4H8A1,1 0 0,0 7,5V16H5V5A3,3 0 0,1 8,2H19A3,3 0 0,1 22,5V6H20V5A1,1 0 0,0 19,4A1,1 0 0,0 18,5V9L18,19A3,3 0 0,1 15,22H5A3,3 0 0,1 2,19V18H13A2,2 0 0,0 15,20M9,6H14V8H9V6M9,10H14V12H9V10M9,14H14V16H9V14Z";var Y1="M13,19H14A1,1 0 0,1 15,20H22V22H15A1,1 0 0,1 14,23H10A1,1 0 0,1 9,22H2V20H9A1,1 0 0,1 10,19H11V17H4A1,1 0 0,1 3,16V12A1,1 0 0,1 4,11H20A1,1 0 0,1 21,12V16A1,1 0 0,1 20,17H13V19M4,3H20A1,1 0 0,1 21,4V8A1,1 0 0,1 20,9H4A1,1 0 0,1 3,8V4A1,1 0 0,1 4,3M9,7H10V5H9V7M9,15H10V13H9V15M5,5V7H7V5H5M5,13V15H7V13H5Z";var m5="M11,13.5V21.5H3V13.5H11M9,15.5H5V19.5H9V15.5M12,2L17.5,11H6.5L12,2M12,5.86L10.08,9H13.92L12,5.86M17.5,13C20,13 22,15 22,17.5C22,20 20,22 17.5,22C15,22 13,20 13,17.5C13,15 15,13 17.5,13M17.5,15A2.5,2.5 0 0,0 15,17.5A2.5,2.5 0 0,0 17.5,20A2.5,2.5 0 0,0 20,17.5A2.5,2.5 0 0,0 17.5,15Z";var l5="M17,3L22.25,7.5L17,12L22.25,16.5L17,21V18H14.26L11.44,15.18L13.56,13.06L15.5,15H17V12L17,9H15.5L6.5,18H2V15H5.26L14.26,6H17V3M2,6H6.5L9.32,8.82L7.2,10.94L5.26,9H2V6Z";var J1="M16,18H18V6H16M6,18L14.5,12L6,6V18Z";var v5="M6,18V6H8V18H6M9.5,12L18,6V18L9.5,12Z";var f2="M23,12H17V10L20.39,6H17V4H23V6L19.62,10H23V12M15,16H9V14L12.39,10H9V8H15V10L11.62,14H15V16M7,20H1V18L4.39,14H1V12H7V14L3.62,18H7V20Z";var Z1="M12,12A3,3 0 0,0 9,15A3,3 0 0,0 12,18A3,3 0 0,0 15,15A3,3 0 0,0 12,12M12,20A5,5 0 0,1 7,15A5,5 0 0,1 12,10A5,5 0 0,1 17,15A5,5 0 0,1 12,20M12,4A2,2 0 0,1 14,6A2,2 0 0,1 12,8C10.89,8 10,7.1 10,6C10,4.89 10.89,4 12,4M17,2H7C5.89,2 5,2.89 5,4V20A2,2 0 0,0 7,22H17A2,2 0 0,0 19,20V4C19,2.89 18.1,2 17,2Z";var O2="M14,10A3,3 0 0,0 11,13A3,3 0 0,0 14,16A3,3 0 0,0 17,13A3,3 0 0,0 14,10M14,18A5,5 0 0,1 9,13A5,5 0 0,1 14,8A5,5 0 0,1 19,13A5,5 0 0,1 14,18M14,2A2,2 0 0,1 16,4A2,2 0 0,1 14,6A2,2 0 0,1 12,4A2,2 0 0,1 14,2M19,0H9A2,2 0 0,0 7,2V18A2,2 0 0,0 9,20H19A2,2 0 0,0 21,18V2A2,2 0 0,0 19,0M5,22H17V24H5A2,2 0 0,1 3,22V4H5",C2="M2,5.27L3.28,4L21,21.72L19.73,23L18.27,21.54C17.93,21.83 17.5,22 17,22H7C5.89,22 5,21.1 5,20V8.27L2,5.27M12,18A3,3 0 0,1 9,15C9,14.24 9.28,13.54 9.75,13L8.33,11.6C7.5,12.5 7,13.69 7,15A5,5 0 0,0 12,20C13.31,20 14.5,19.5 15.4,18.67L14,17.25C13.45,17.72 12.76,18 12,18M17,15A5,5 0 0,0 12,10H11.82L5.12,3.3C5.41,2.54 6.14,2 7,2H17A2,2 0 0,1 19,4V17.18L17,15.17V15M12,4C10.89,4 10,4.89 10,6A2,2 0 0,0 12,8A2,2 0 0,0 14,6C14,4.89 13.1,4 12,4Z";var x5="M12,15.39L8.24,17.66L9.23,13.38L5.91,10.5L10.29,10.13L12,6.09L13.71,10.13L18.09,10.5L14.77,13.38L15.76,17.66M22,9.24L14.81,8.63L12,2L9.19,8.63L2,9.24L7.45,13.97L5.82,21L12,17.27L18.18,21L16.54,13.97L22,9.24Z";var H2="M18,18H6V6H18V18Z";var s5="M9,3V4H4V6H5V19A2,2 0 0,0 7,21H17A2,2 0 0,0 19,19V6H20V4H15V3H9M7,6H17V19H7V6M9,8V17H11V8H9M13,8V17H15V8H13Z";var u1="M14,3.23V5.29C16.89,6.15 19,8.83 19,12C19,15.17 16.89,17.84 14,18.7V20.77C18,19.86 21,16.28 21,12C21,7.72 18,4.14 14,3.23M16.5,12C16.5,10.23 15.5,8.71 14,7.97V16C15.5,15.29 16.5,13.76 16.5,12M3,9V15H7L12,20V4L7,9H3Z";var Z5="M12,4L9.91,6.09L12,8.18M4.27,3L3,4.27L7.73,9H3V15H7L12,20V13.27L16.25,17.53C15.58,18.04 14.83,18.46 14,18.7V20.77C15.38,20.45 16.63,19.82 17.68,18.96L19.73,21L21,19.73L12,10.73M19,12C19,12.94 18.8,13.82 18.46,14.64L19.97,16.15C20.62,14.91 21,13.5 21,12C21,7.72 18,4.14 14,3.23V5.29C16.89,6.15 19,8.83 19,12M16.5,12C16.5,10.23 15.5,8.71 14,7.97V10.18L16.45,12.63C16.5,12.43 16.5,12.21 16.5,12Z";var V2=globalThis,L2=V2.ShadowRoot&&(V2.ShadyCSS===void 0||V2.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype,g2=Symbol(),u5=new WeakMap,c1=class{constructor(V,C,H){if(this._$cssResult$=!0,H!==g2)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=V,this.t=C}get styleSheet(){let V=this.o,C=this.t;if(L2&&V===void 0){let H=C!==void 0&&C.length===1;H&&(V=u5.get(C)),V===void 0&&((this.o=V=new CSSStyleSheet).replaceSync(this.cssText),H&&u5.set(C,V))}return V}toString(){return this.cssText}},c5=M=>new c1(typeof M=="string"?M:M+"",void 0,g2),u=(M,...V)=>{let C=M.length===1?M[0]:V.reduce((H,L,e)=>H+(r=>{if(r._$cssResult$===!0)return r.cssText;if(typeof r=="number")return r;throw Error("Value passed to 'css' function must be a 'css' function result: "+r+". Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.")})(L)+M[e+1],M[0]);return new c1(C,M,g2)},S5=(M,V)=>{if(L2)M.adoptedStyleSheets=V.map(C=>C instanceof CSSStyleSheet?C:C.styleSheet);else for(let C of V){let H=document.createElement("style"),L=V2.litNonce;L!==void 0&&H.setAttribute("nonce",L),H.textContent=C.cssText,M.appendChild(H)}},y2=L2?M=>M:M=>M instanceof CSSStyleSheet?(V=>{let C="";for(let H of V.cssRules)C+=H.cssText;return c5(C)})(M):M;var{is:p3,defineProperty:n3,getOwnPropertyDescriptor:m3,getOwnPropertyNames:l3,getOwnPropertySymbols:v3,getPrototypeOf:x3}=Object,M2=globalThis,h5=M2.trustedTypes,s3=h5?h5.emptyScript:"",Z3=M2.reactiveElementPolyfillSupport,S1=(M,V)=>M,h1={toAttribute(M,V){switch(V){case Boolean:M=M?s3:null;break;case Object:case Array:M=M==null?M:JSON.stringify(M)}return M},fromAttribute(M,V){let C=M;switch(V){case Boolean:C=M!==null;break;case Number:C=M===null?null:Number(M);break;case Object:case Array:try{C=JSON.parse(M)}catch{C=null}}return C}},e2=(M,V)=>!p3(M,V),f5={attribute:!0,type:String,converter:h1,reflect:!1,useDefault:!1,hasChanged:e2};Symbol.metadata??=Symbol("metadata"),M2.litPropertyMetadata??=new WeakMap;var G=class extends HTMLElement{static addInitializer(V){this._$Ei(),(this.l??=[]).push(V)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(V,C=f5){if(C.state&&(C.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(V)&&((C=Object.create(C)).wrapped=!0),this.elementProperties.set(V,C),!C.noAccessor){let H=Symbol(),L=this.getPropertyDescriptor(V,H,C);L!==void 0&&n3(this.prototype,V,L)}}static getPropertyDescriptor(V,C,H){let{get:L,set:e}=m3(this.prototype,V)??{get(){return this[C]},set(r){this[C]=r}};return{get:L,set(r){let t=L?.call(this);e?.call(this,r),this.requestUpdate(V,t,H)},configurable:!0,enumerable:!0}}static getPropertyOptions(V){return this.elementProperties.get(V)??f5}static _$Ei(){if(this.hasOwnProperty(S1("elementProperties")))return;let V=x3(this);V.finalize(),V.l!==void 0&&(this.l=[...V.l]),this.elementProperties=new Map(V.elementProperties)}static finalize(){if(this.hasOwnProperty(S1("finalized")))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(S1("properties"))){let C=this.properties,H=[...l3(C),...v3(C)];for(let L of H)this.createProperty(L,C[L])}let V=this[Symbol.metadata];if(V!==null){let C=litPropertyMetadata.get(V);if(C!==void 0)for(let[H,L]of C)this.elementProperties.set(H,L)}this._$Eh=new Map;for(let[C,H]of this.elementProperties){let L=this._$Eu(C,H);L!==void 0&&this._$Eh.set(L,C)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(V){let C=[];if(Array.isArray(V)){let H=new Set(V.flat(1/0).reverse());for(let L of H)C.unshift(y2(L))}else V!==void 0&&C.push(y2(V));return C}static _$Eu(V,C){let H=C.attribute;return H===!1?void 0:typeof H=="string"?H:typeof V=="string"?V.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(V=>this.enableUpdating=V),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(V=>V(this))}addController(V){(this._$EO??=new Set).add(V),this.renderRoot!==void 0&&this.isConnected&&V.hostConnected?.()}removeController(V){this._$EO?.delete(V)}_$E_(){let V=new Map,C=this.constructor.elementProperties;for(let H of C.keys())this.hasOwnProperty(H)&&(V.set(H,this[H]),delete this[H]);V.size>0&&(this._$Ep=V)}createRenderRoot(){let V=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return S5(V,this.constructor.elementStyles),V}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(V=>V.hostConnected?.())}enableUpdating(V){}disconnectedCallback(){this._$EO?.forEach(V=>V.hostDisconnected?.())}attributeChangedCallback(V,C,H){this._$AK(V,H)}_$ET(V,C){let H=this.constructor.elementProperties.get(V),L=this.constructor._$Eu(V,H);if(L!==void 0&&H.reflect===!0){let e=(H.converter?.toAttribute!==void 0?H.converter:h1).toAttribute(C,H.type);this._$Em=V,e==null?this.removeAttribute(L):this.setAttribute(L,e),this._$Em=null}}_$AK(V,C){let H=this.constructor,L=H._$Eh.get(V);if(L!==void 0&&this._$Em!==L){let e=H.getPropertyOptions(L),r=typeof e.converter=="function"?{fromAttribute:e.converter}:e.converter?.fromAttribute!==void 0?e.converter:h1;this._$Em=L;let t=r.fromAttribute(C,e.type);this[L]=t??this._$Ej?.get(L)??t,this._$Em=null}}requestUpdate(V,C,H,L=!1,e){if(V!==void 0){let r=this.constructor;if(L===!1&&(e=this[V]),H??=r.getPropertyOptions(V),!((H.hasChanged??e2)(e,C)||H.useDefault&&H.reflect&&e===this._$Ej?.get(V)&&!this.hasAttribute(r._$Eu(V,H))))return;this.C(V,C,H)}this.isUpdatePending===!1&&(this._$ES=this._$EP())}C(V,C,{useDefault:H,reflect:L,wrapped:e},r){H&&!(this._$Ej??=new Map).has(V)&&(this._$Ej.set(V,r??C??this[V]),e!==!0||r!==void 0)||(this._$AL.has(V)||(this.hasUpdated||H||(C=void 0),this._$AL.set(V,C)),L===!0&&this._$Em!==V&&(this._$Eq??=new Set).add(V))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(C){Promise.reject(C)}let V=this.scheduleUpdate();return V!=null&&await V,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[L,e]of this._$Ep)this[L]=e;this._$Ep=void 0}let H=this.constructor.elementProperties;if(H.size>0)for(let[L,e]of H){let{wrapped:r}=e,t=this[L];r!==!0||this._$AL.has(L)||t===void 0||this.C(L,void 0,e,t)}}let V=!1,C=this._$AL;try{V=this.shouldUpdate(C),V?(this.willUpdate(C),this._$EO?.forEach(H=>H.hostUpdate?.()),this.update(C)):this._$EM()}catch(H){throw V=!1,this._$EM(),H}V&&this._$AE(C)}willUpdate(V){}_$AE(V){this._$EO?.forEach(C=>C.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(V)),this.updated(V)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(V){return!0}update(V){this._$Eq&&=this._$Eq.forEach(C=>this._$ET(C,this[C])),this._$EM()}updated(V){}firstUpdated(V){}};G.elementStyles=[],G.shadowRootOptions={mode:"open"},G[S1("elementProperties")]=new Map,G[S1("finalized")]=new Map,Z3?.({ReactiveElement:G}),(M2.reactiveElementVersions??=[]).push("2.1.2");var b2=globalThis,O5=M=>M,r2=b2.trustedTypes,g5=r2?r2.createPolicy("lit-html",{createHTML:M=>M}):void 0,w2="$lit$",z=`lit$${Math.random().toFixed(9).slice(2)}$`,P2="?"+z,u3=`<${P2}>`,e1=document,O1=()=>e1.createComment(""),g1=M=>M===null||typeof M!="object"&&typeof M!="function",B2=Array.isArray,B5=M=>B2(M)||typeof M?.[Symbol.iterator]=="function",k2=`[ 	
\f\r]`,f1=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,y5=/-->/g,k5=/>/g,L1=RegExp(`>|${k2}(?:([^\\s"'>=/]+)(${k2}*=${k2}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),b5=/'/g,w5=/"/g,T5=/^(?:script|style|textarea|title)$/i,T2=M=>(V,...C)=>({_$litType$:M,strings:V,values:C}),a=T2(1),R5=T2(2),Z0=T2(3),P=Symbol.for("lit-noChange"),o=Symbol.for("lit-nothing"),P5=new WeakMap,M1=e1.createTreeWalker(e1,129);function F5(M,V){if(!B2(M)||!M.hasOwnProperty("raw"))throw Error("invalid template strings array");return g5!==void 0?g5.createHTML(V):V}var E5=(M,V)=>{let C=M.length-1,H=[],L,e=V===2?"<svg>":V===3?"<math>":"",r=f1;for(let t=0;t<C;t++){let i=M[t],d,m,p=-1,l=0;for(;l<i.length&&(r.lastIndex=l,m=r.exec(i),m!==null);)l=r.lastIndex,r===f1?m[1]==="!--"?r=y5:m[1]!==void 0?r=k5:m[2]!==void 0?(T5.test(m[2])&&(L=RegExp("</"+m[2],"g")),r=L1):m[3]!==void 0&&(r=L1):r===L1?m[0]===">"?(r=L??f1,p=-1):m[1]===void 0?p=-2:(p=r.lastIndex-m[2].length,d=m[1],r=m[3]===void 0?L1:m[3]==='"'?w5:b5):r===w5||r===b5?r=L1:r===y5||r===k5?r=f1:(r=L1,L=void 0);let x=r===L1&&M[t+1].startsWith("/>")?" ":"";e+=r===f1?i+u3:p>=0?(H.push(d),i.slice(0,p)+w2+i.slice(p)+z+x):i+z+(p===-2?t:x)}return[F5(M,e+(M[C]||"<?>")+(V===2?"</svg>":V===3?"</math>":"")),H]},y1=class M{constructor({strings:V,_$litType$:C},H){let L;this.parts=[];let e=0,r=0,t=V.length-1,i=this.parts,[d,m]=E5(V,C);if(this.el=M.createElement(d,H),M1.currentNode=this.el.content,C===2||C===3){let p=this.el.content.firstChild;p.replaceWith(...p.childNodes)}for(;(L=M1.nextNode())!==null&&i.length<t;){if(L.nodeType===1){if(L.hasAttributes())for(let p of L.getAttributeNames())if(p.endsWith(w2)){let l=m[r++],x=L.getAttribute(p).split(z),Z=/([.?@])?(.*)/.exec(l);i.push({type:1,index:e,name:Z[2],strings:x,ctor:Z[1]==="."?i2:Z[1]==="?"?o2:Z[1]==="@"?a2:t1}),L.removeAttribute(p)}else p.startsWith(z)&&(i.push({type:6,index:e}),L.removeAttribute(p));if(T5.test(L.tagName)){let p=L.textContent.split(z),l=p.length-1;if(l>0){L.textContent=r2?r2.emptyScript:"";for(let x=0;x<l;x++)L.append(p[x],O1()),M1.nextNode(),i.push({type:2,index:++e});L.append(p[l],O1())}}}else if(L.nodeType===8)if(L.data===P2)i.push({type:2,index:e});else{let p=-1;for(;(p=L.data.indexOf(z,p+1))!==-1;)i.push({type:7,index:e}),p+=z.length-1}e++}}static createElement(V,C){let H=e1.createElement("template");return H.innerHTML=V,H}};function r1(M,V,C=M,H){if(V===P)return V;let L=H!==void 0?C._$Co?.[H]:C._$Cl,e=g1(V)?void 0:V._$litDirective$;return L?.constructor!==e&&(L?._$AO?.(!1),e===void 0?L=void 0:(L=new e(M),L._$AT(M,C,H)),H!==void 0?(C._$Co??=[])[H]=L:C._$Cl=L),L!==void 0&&(V=r1(M,L._$AS(M,V.values),L,H)),V}var t2=class{constructor(V,C){this._$AV=[],this._$AN=void 0,this._$AD=V,this._$AM=C}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(V){let{el:{content:C},parts:H}=this._$AD,L=(V?.creationScope??e1).importNode(C,!0);M1.currentNode=L;let e=M1.nextNode(),r=0,t=0,i=H[0];for(;i!==void 0;){if(r===i.index){let d;i.type===2?d=new p1(e,e.nextSibling,this,V):i.type===1?d=new i.ctor(e,i.name,i.strings,this,V):i.type===6&&(d=new A2(e,this,V)),this._$AV.push(d),i=H[++t]}r!==i?.index&&(e=M1.nextNode(),r++)}return M1.currentNode=e1,L}p(V){let C=0;for(let H of this._$AV)H!==void 0&&(H.strings!==void 0?(H._$AI(V,H,C),C+=H.strings.length-2):H._$AI(V[C])),C++}},p1=class M{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(V,C,H,L){this.type=2,this._$AH=o,this._$AN=void 0,this._$AA=V,this._$AB=C,this._$AM=H,this.options=L,this._$Cv=L?.isConnected??!0}get parentNode(){let V=this._$AA.parentNode,C=this._$AM;return C!==void 0&&V?.nodeType===11&&(V=C.parentNode),V}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(V,C=this){V=r1(this,V,C),g1(V)?V===o||V==null||V===""?(this._$AH!==o&&this._$AR(),this._$AH=o):V!==this._$AH&&V!==P&&this._(V):V._$litType$!==void 0?this.$(V):V.nodeType!==void 0?this.T(V):B5(V)?this.k(V):this._(V)}O(V){return this._$AA.parentNode.insertBefore(V,this._$AB)}T(V){this._$AH!==V&&(this._$AR(),this._$AH=this.O(V))}_(V){this._$AH!==o&&g1(this._$AH)?this._$AA.nextSibling.data=V:this.T(e1.createTextNode(V)),this._$AH=V}$(V){let{values:C,_$litType$:H}=V,L=typeof H=="number"?this._$AC(V):(H.el===void 0&&(H.el=y1.createElement(F5(H.h,H.h[0]),this.options)),H);if(this._$AH?._$AD===L)this._$AH.p(C);else{let e=new t2(L,this),r=e.u(this.options);e.p(C),this.T(r),this._$AH=e}}_$AC(V){let C=P5.get(V.strings);return C===void 0&&P5.set(V.strings,C=new y1(V)),C}k(V){B2(this._$AH)||(this._$AH=[],this._$AR());let C=this._$AH,H,L=0;for(let e of V)L===C.length?C.push(H=new M(this.O(O1()),this.O(O1()),this,this.options)):H=C[L],H._$AI(e),L++;L<C.length&&(this._$AR(H&&H._$AB.nextSibling,L),C.length=L)}_$AR(V=this._$AA.nextSibling,C){for(this._$AP?.(!1,!0,C);V!==this._$AB;){let H=O5(V).nextSibling;O5(V).remove(),V=H}}setConnected(V){this._$AM===void 0&&(this._$Cv=V,this._$AP?.(V))}},t1=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(V,C,H,L,e){this.type=1,this._$AH=o,this._$AN=void 0,this.element=V,this.name=C,this._$AM=L,this.options=e,H.length>2||H[0]!==""||H[1]!==""?(this._$AH=Array(H.length-1).fill(new String),this.strings=H):this._$AH=o}_$AI(V,C=this,H,L){let e=this.strings,r=!1;if(e===void 0)V=r1(this,V,C,0),r=!g1(V)||V!==this._$AH&&V!==P,r&&(this._$AH=V);else{let t=V,i,d;for(V=e[0],i=0;i<e.length-1;i++)d=r1(this,t[H+i],C,i),d===P&&(d=this._$AH[i]),r||=!g1(d)||d!==this._$AH[i],d===o?V=o:V!==o&&(V+=(d??"")+e[i+1]),this._$AH[i]=d}r&&!L&&this.j(V)}j(V){V===o?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,V??"")}},i2=class extends t1{constructor(){super(...arguments),this.type=3}j(V){this.element[this.name]=V===o?void 0:V}},o2=class extends t1{constructor(){super(...arguments),this.type=4}j(V){this.element.toggleAttribute(this.name,!!V&&V!==o)}},a2=class extends t1{constructor(V,C,H,L,e){super(V,C,H,L,e),this.type=5}_$AI(V,C=this){if((V=r1(this,V,C,0)??o)===P)return;let H=this._$AH,L=V===o&&H!==o||V.capture!==H.capture||V.once!==H.once||V.passive!==H.passive,e=V!==o&&(H===o||L);L&&this.element.removeEventListener(this.name,this,H),e&&this.element.addEventListener(this.name,this,V),this._$AH=V}handleEvent(V){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,V):this._$AH.handleEvent(V)}},A2=class{constructor(V,C,H){this.element=V,this.type=6,this._$AN=void 0,this._$AM=C,this.options=H}get _$AU(){return this._$AM._$AU}_$AI(V){r1(this,V)}},D5={M:w2,P:z,A:P2,C:1,L:E5,R:t2,D:B5,V:r1,I:p1,H:t1,N:o2,U:a2,B:i2,F:A2},c3=b2.litHtmlPolyfillSupport;c3?.(y1,p1),(b2.litHtmlVersions??=[]).push("3.3.3");var d2=(M,V,C)=>{let H=C?.renderBefore??V,L=H._$litPart$;if(L===void 0){let e=C?.renderBefore??null;H._$litPart$=L=new p1(V.insertBefore(O1(),e),e,void 0,C??{})}return L._$AI(M),L};var R2=globalThis,O=class extends G{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let V=super.createRenderRoot();return this.renderOptions.renderBefore??=V.firstChild,V}update(V){let C=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(V),this._$Do=d2(C,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return P}};O._$litElement$=!0,O.finalized=!0,R2.litElementHydrateSupport?.({LitElement:O});var S3=R2.litElementPolyfillSupport;S3?.({LitElement:O});(R2.litElementVersions??=[]).push("4.2.2");var h3={attribute:!0,type:String,converter:h1,reflect:!1,hasChanged:e2},f3=(M=h3,V,C)=>{let{kind:H,metadata:L}=C,e=globalThis.litPropertyMetadata.get(L);if(e===void 0&&globalThis.litPropertyMetadata.set(L,e=new Map),H==="setter"&&((M=Object.create(M)).wrapped=!0),e.set(C.name,M),H==="accessor"){let{name:r}=C;return{set(t){let i=V.get.call(this);V.set.call(this,t),this.requestUpdate(r,i,M,!0,t)},init(t){return t!==void 0&&this.C(r,void 0,M,t),t}}}if(H==="setter"){let{name:r}=C;return function(t){let i=this[r];V.call(this,t),this.requestUpdate(r,i,M,!0,t)}}throw Error("Unsupported decorator location: "+H)};function n(M){return(V,C)=>typeof C=="object"?f3(M,V,C):((H,L,e)=>{let r=L.hasOwnProperty(e);return L.constructor.createProperty(e,H),r?Object.getOwnPropertyDescriptor(L,e):void 0})(M,V,C)}function v(M){return n({...M,state:!0,attribute:!1})}var i1=(M,V,C)=>(C.configurable=!0,C.enumerable=!0,Reflect.decorate&&typeof V!="object"&&Object.defineProperty(M,V,C),C);function D(M,V){return(C,H,L)=>{let e=r=>r.renderRoot?.querySelector(M)??null;if(V){let{get:r,set:t}=typeof H=="object"?C:L??(()=>{let i=Symbol();return{get(){return this[i]},set(d){this[i]=d}}})();return i1(C,H,{get(){let i=r.call(this);return i===void 0&&(i=e(this),(i!==null||this.hasUpdated)&&t.call(this,i)),i}})}return i1(C,H,{get(){return e(this)}})}}var n1={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},Y=M=>(...V)=>({_$litDirective$:M,values:V}),_=class{constructor(V){}get _$AU(){return this._$AM._$AU}_$AT(V,C,H){this._$Ct=V,this._$AM=C,this._$Ci=H}_$AS(V,C){return this.update(V,C)}update(V,C){return this.render(...C)}};var{I:O3}=D5,_5=M=>M;var F2=(M,V)=>V===void 0?M?._$litType$!==void 0:M?._$litType$===V,I5=M=>M?._$litType$?.h!=null;var $5=()=>document.createComment(""),q=(M,V,C)=>{let H=M._$AA.parentNode,L=V===void 0?M._$AB:V._$AA;if(C===void 0){let e=H.insertBefore($5(),L),r=H.insertBefore($5(),L);C=new O3(e,r,M,M.options)}else{let e=C._$AB.nextSibling,r=C._$AM,t=r!==M;if(t){let i;C._$AQ?.(M),C._$AM=M,C._$AP!==void 0&&(i=M._$AU)!==r._$AU&&C._$AP(i)}if(e!==L||t){let i=C._$AA;for(;i!==e;){let d=_5(i).nextSibling;_5(H).insertBefore(i,L),i=d}}}return C},J=(M,V,C=M)=>(M._$AI(V,C),M),g3={},k1=(M,V=g3)=>M._$AH=V,b1=M=>M._$AH,p2=M=>{M._$AR(),M._$AA.remove()},N5=M=>{M._$AR()};var W5=M=>I5(M)?M._$litType$.h:M.strings,Q5=Y(class extends _{constructor(M){super(M),this.et=new WeakMap}render(M){return[M]}update(M,[V]){let C=F2(this.it)?W5(this.it):null,H=F2(V)?W5(V):null;if(C!==null&&(H===null||C!==H)){let L=b1(M).pop(),e=this.et.get(C);if(e===void 0){let r=document.createDocumentFragment();e=d2(o,r),e.setConnected(!1),this.et.set(C,e)}k1(e,[L]),q(e,void 0,L)}if(H!==null){if(C===null||C!==H){let L=this.et.get(H);if(L!==void 0){let e=b1(L).pop();N5(M),q(M,void 0,e),k1(M,[e])}}this.it=V}else this.it=void 0;return this.render(V)}});function C1(M,V,C={}){M.dispatchEvent(new CustomEvent(V,{detail:C,bubbles:!0,composed:!0}))}var y3=new Set(["track","radio","podcast_episode","audiobook"]),k3={channel:"radio",episode:"podcast_episode",music:"track"};function $(M){let V=M.artists?.map(C=>C.name).join(", ")??"";return{id:M.uri,kind:M.media_type,name:M.version?`${M.name} (${M.version})`:M.name,detail:[V,M.media_type==="track"?M.album?.name:""].filter(Boolean).join(" · "),image:M.thumbnail??void 0,canPlay:!0,canOpen:!y3.has(M.media_type),contentType:M.media_type,favorite:M.favorite}}function E2(M){return{id:M.media_content_id,kind:k3[M.media_class]??M.media_class,name:M.title,detail:"",image:M.thumbnail??void 0,canPlay:M.can_play,canOpen:M.can_expand,contentType:M.media_content_type}}var m1=M=>M.id.includes("://")&&!D2(M)&&M.kind!=="directory",D2=M=>/^(music-assistant|media-source):\/\//.test(M.id)||!M.id.includes("://"),_2=M=>/^https?:\/\/\S+$/.test(M.trim());var w1=class{constructor(V){this.host=V;this.views=R1;this.t=(V,C)=>F1(this.hass.language,V,C)}url(V){return V&&(this.hass.hassUrl?.(V)??V)}async act(V,C,H={}){return this.done(this.callAction(Q,V,H,C))}async media(V,C,H={}){return this.done(this.callAction("media_player",V,H,C))}async askPlayer(V,C,H={}){return(await this.callAction(Q,V,H,C,!0))[C]}async askServer(V,C,H={}){let L=I1(this.hass,C),e=L?{config_entry_id:L}:{};return this.callAction(Q,V,{...e,...H},void 0,!0)}async queueItems(V,C,H){let L={offset:C,limit:H};return await this.askPlayer("get_queue_items",V,L)??[]}subscribeQueue(V,C){return this.hass.connection.subscribeMessage(C,{type:`${Q}/queue/subscribe`,entity_id:V,before:25,after:75})}subscribeLists(V,C){return this.hass.connection.subscribeMessage(({changed:H})=>C(H),{type:`${Q}/lists/subscribe`,entity_id:V})}async rights(){return(await this.hass.callWS({type:`${Q}/players/list`})).players}browse(V,C,H){let L=C?{media_content_id:C,media_content_type:H??"music"}:{};return this.hass.callWS({type:"media_player/browse_media",entity_id:V,...L})}play(V,C,H,L=!1){return D2(C)?this.media("play_media",V,{media_content_id:C.id,media_content_type:C.contentType,...H&&{enqueue:H}}):this.act("play_media",V,{media_id:C.id,queue:"active",...H&&{enqueue:H},...L&&{radio_mode:!0}})}toast(V,C){C1(this.host,"hass-notification",{message:V,action:C,duration:C?8e3:4e3})}async report(V){this.toast(await this.errorText(V))}async errorText(V){if(V===3)return this.t("connection_lost");let C=typeof V=="object"&&V?V:{},{translation_domain:H,translation_key:L}=C;if(H&&L){let e=await this.hass.loadBackendTranslation("exceptions",H),r=`component.${H}.exceptions.${L}.message`,t=e(r,C.translation_placeholders);if(t)return t}return C.message??this.t("failed")}async done(V){try{return await V,!0}catch(C){return await this.report(C),!1}}async callAction(V,C,H,L,e=!1){let{response:r}=await this.hass.callWS({type:"call_service",domain:V,service:C,service_data:H,...L&&{target:{entity_id:L}},...e&&{return_response:!0}});return r}};function U5(M,V){return V<96?"strip":V<280?"bar":M<700?"narrow":"wide"}var n2={available:!1,queueId:void 0,current:void 0,count:0,first:0,order:[],rows:new Map,revision:0};function z5(M,V){let C=V.order??M.order,H=new Map(M.rows);for(let e of V.items??[])H.set(e.queue_item_id,e);let L=new Set(C);for(let e of H.keys())L.has(e)||H.delete(e);return{available:V.available??M.available,queueId:"queue_id"in V?V.queue_id??void 0:M.queueId,current:"current"in V?G5(V.current):M.current,count:V.count??M.count,first:"first"in V?G5(V.first)??0:M.first,order:C,rows:H,revision:V.revision??M.revision}}var G5=M=>M==null?void 0:M-1;function m2(M,V){return M.rows.get(M.order[V-M.first]??"")}var q5=M=>M.current===void 0?void 0:m2(M,M.current);function $2(M,V){return M.queueId!==V.queueId||M.count!==V.count||M.revision!==V.revision?!0:V.order.some((C,H)=>{let L=M.order.indexOf(C);return L>=0&&L+M.first!==H+V.first})}function K5(M,V,C){let H=M.order.indexOf(V),L=C-M.first;if(H<0||L<0||L>=M.order.length)return M;let e=M.order.toSpliced(H,1).toSpliced(L,0,V);return{...M,order:e}}function j5(M,V){let C=M.order.indexOf(V);if(C<0)return M;let H=M.current,L=H!==void 0&&M.first+C<H;return{...M,order:M.order.toSpliced(C,1),count:M.count-1,current:L?H-1:H}}var K=100,b3=10,l2=class{constructor(V,C){this.api=V;this.changed=C;this.queue=n2;this.confirmed=n2;this.pages=new Map;this.stale=new Set;this.loading=new Set;this.messages=0}follow(V){V!==this.entityId&&(this.stop(),this.entityId=V,V!==void 0&&(V!==this.shownOf&&this.forget(),this.shownOf=V,this.start(V)))}row(V){return m2(this.queue,V)??this.pages.get(Math.floor(V/K))?.[V%K]}need(V,C){for(let H=Math.floor(V/K);H*K<C;H+=1){let[L,e]=[Math.max(V,H*K),Math.min(C,(H+1)*K)];for(let r=L;r<e;r+=1)if(!(m2(this.queue,r)??(this.pages.has(H)&&!this.stale.has(H)))){this.load(H);break}}}async expect(V,C){let H=this.messages;this.queue=V,this.changed();let L=await C;return(!L||this.messages!==H)&&(this.queue=this.confirmed,this.changed()),L}start(V){this.subscription=this.api().subscribeQueue(V,C=>{if(this.entityId!==V)return;let H=this.confirmed;this.messages+=1,this.confirmed=this.queue=z5(H,C),$2(H,this.confirmed)&&(this.stale=new Set(this.pages.keys())),this.changed()}).catch(()=>{})}stop(){this.subscription?.then(V=>V?.()),this.subscription=void 0}forget(){this.queue=this.confirmed=n2,this.pages=new Map,this.stale=new Set,this.loading=new Set}async load(V){let{entityId:C,confirmed:H}=this;if(!(!C||this.loading.has(V))){this.loading.add(V);try{let L=await this.api().queueItems(C,V*K,K);if(this.entityId!==C)return;let e=[];for(let r of L)e[(r.position??1)-1-V*K]=r;this.pages.delete(V),this.pages.set(V,e),$2(H,this.confirmed)||this.stale.delete(V);for(let r of this.pages.keys()){if(this.pages.size<=b3)break;this.pages.delete(r)}this.changed()}catch{this.stale.add(V)}finally{this.loading.delete(V)}}}};var c=u`
  :host {
    display: block;
    --surface: var(--tint-surface, var(--ha-card-background, var(--card-background-color, #fff)));
    --text: var(--primary-text-color, #141414);
    --soft-text: color-mix(in srgb, var(--text) 72%, transparent);
    --accent: var(--tint-accent, var(--primary-color, #03a9f4));
    --on-accent: var(--tint-surface, var(--text-primary-color, #fff));
    --faint: color-mix(in srgb, var(--text) 9%, transparent);
    --fainter: color-mix(in srgb, var(--text) 5%, transparent);
    --round: var(--ha-border-radius-lg, 12px);
    --quick: 180ms;
    color: var(--text);
    font-family: var(--ha-font-family-body, Roboto, Noto, sans-serif);
    font-size: 14px;
    line-height: 20px;
    -webkit-tap-highlight-color: transparent;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  svg {
    width: 24px;
    height: 24px;
    fill: currentColor;
    flex: none;
    display: block;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    margin: 0;
    text-align: start;
    cursor: pointer;
    border-radius: var(--round);
    transition: background-color var(--quick);
  }
  button:disabled {
    cursor: default;
    opacity: 0.4;
  }
  :focus-visible {
    outline: 2px solid var(--text);
    outline-offset: 2px;
  }
  button.icon {
    width: 40px;
    height: 40px;
    flex: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    border-radius: 50%;
  }
  button.icon.small {
    width: 36px;
    height: 36px;
  }
  button.icon.small svg {
    width: 20px;
    height: 20px;
  }
  button.icon[aria-pressed="true"] {
    background: color-mix(in srgb, var(--accent) 24%, transparent);
  }
  button.icon.filled {
    background: var(--accent);
    color: var(--on-accent);
  }
  @media (hover: hover) {
    button:hover:not(:disabled) {
      background-color: var(--faint);
    }
    button.icon.filled:hover:not(:disabled) {
      background-color: color-mix(in srgb, var(--accent) 88%, var(--text));
    }
  }
  .cover {
    position: relative;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    width: 44px;
    height: 44px;
    border-radius: 8px;
    overflow: hidden;
    background: var(--faint);
    color: var(--soft-text);
  }
  .cover.round {
    border-radius: 50%;
  }
  .cover img {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: cover;
  }
  .two-lines {
    flex: 1;
    min-width: 0;
    display: flex;
    flex-direction: column;
  }
  .title,
  .detail {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .title {
    font-weight: 500;
  }
  /* Music has its own language: what doesn't fit is cut at its end, wherever the page begins. */
  .title[dir="auto"],
  .detail[dir="auto"] {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .detail {
    color: var(--soft-text);
    font-size: 12px;
    line-height: 16px;
  }
  .row {
    display: flex;
    align-items: center;
    gap: 4px;
    height: 56px;
    padding-inline: 8px 4px;
    border-radius: var(--round);
  }
  .row > .main {
    flex: 1;
    min-width: 0;
    height: 100%;
    display: flex;
    align-items: center;
    gap: 12px;
    border-radius: var(--round);
  }
  .hint {
    height: 100%;
    min-height: 160px;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 4px;
    padding: 24px;
    text-align: center;
    color: var(--soft-text);
  }
  .hint svg {
    width: 40px;
    height: 40px;
    margin-bottom: 8px;
  }
  .hint p {
    margin: 0;
  }
  .hint .detail {
    white-space: normal;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    height: 32px;
    padding-inline: 12px;
    border-radius: 16px;
    background: var(--faint);
    white-space: nowrap;
    flex: none;
  }
  .chip svg {
    width: 18px;
    height: 18px;
    margin-inline-start: -4px;
  }
  .chip[aria-pressed="true"],
  .chip[aria-selected="true"] {
    background: var(--accent);
    color: var(--on-accent);
  }
  .spinner {
    width: 28px;
    height: 28px;
    margin: 32px auto;
    border-radius: 50%;
    border: 3px solid var(--faint);
    border-top-color: var(--accent);
    animation: turn 0.9s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  .scroller {
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: color-mix(in srgb, var(--text) 25%, transparent) transparent;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      transition-duration: 0s !important;
      animation-duration: 2.4s !important;
      scroll-behavior: auto !important;
    }
  }
`;var w3={album:W1,artist:N1,audiobook:J2,directory:Z2,folder:Z2,genre:m5,playlist:U,podcast:c2,podcast_episode:c2,radio:d5},I=M=>w3[M]??q1,S=M=>a`<svg viewBox="0 0 24 24" aria-hidden="true">${R5`<path d=${M}></path>`}</svg>`,s=M=>a`
  <button
    type="button"
    class="icon ${M.kind??""}"
    title=${M.label}
    aria-label=${M.label}
    aria-pressed=${M.pressed??o}
    aria-haspopup=${M.menu?"menu":o}
    ?disabled=${M.disabled}
    @click=${M.click}
  >
    ${S(M.path)}
  </button>
`,B=(M,V,C="")=>a`
  <span class="cover ${C}">
    ${S(V)}
    ${M?a`<img
            src=${M}
            alt=""
            loading="lazy"
            decoding="async"
            @load=${P3}
            @error=${B3}
          />`:o}
  </span>
`;function P3(M){M.currentTarget.hidden=!1}function B3(M){M.currentTarget.hidden=!0}var N=(M,V,C="")=>a`
  <div class="hint">
    ${S(M)}
    <p>${V}</p>
    ${C?a`<p class="detail">${C}</p>`:o}
  </div>
`,P1=M=>a`<div class="spinner" role="status" aria-label=${M}></div>`;function T3(M){let V=new Array(24).fill(0),C=new Array(24).fill(0),H=0;for(let r=0;r+3<M.length;r+=4){let[t=0,i=0,d=0]=M.subarray(r,r+3),[m,p]=[Math.max(t,i,d),Math.min(t,i,d)],l=(m-p)/255;if(H+=1,l<.08)continue;let x=R3(t,i,d,m,m-p),Z=Math.floor(x/360*24)%24;V[Z]=(V[Z]??0)+l,C[Z]=(C[Z]??0)+l*x}let L=V.indexOf(Math.max(...V)),e=V[L]??0;return!H||!e?{hue:0,vividness:0}:{hue:Math.round((C[L]??0)/e),vividness:Math.min(1,e/H*4)}}function R3(M,V,C,H,L){return(H===M?((V-C)/L+6)%6:H===V?(C-M)/L+2:(M-V)/L+4)*60}var v2=new Map;function X5(M){let V=v2.get(M);return V||(v2.size>50&&v2.clear(),V=F3(M).catch(()=>{}),v2.set(M,V)),V}async function F3(M){let V=new Image;V.src=M,await V.decode();let C=document.createElement("canvas");C.width=C.height=24;let H=C.getContext("2d",{willReadFrequently:!0});if(H)return H.drawImage(V,0,0,24,24),T3(H.getImageData(0,0,24,24).data)}function Y5(M,V){if(!M||M.vividness<.05)return{};let C=Math.round(20+45*M.vividness),H=V?17:91,L=V?72:30;return{"--tint-surface":`hsl(${M.hue} ${C}% ${H}%)`,"--tint-accent":`hsl(${M.hue} ${Math.max(C,35)}% ${L}%)`}}var E3={now_playing:u2,queue:U,library:Q1,players:O2},D3=["language","entities","devices","areas","user","themes"],g=class extends O{constructor(){super(...arguments);this.active=!1;this.layout="narrow";this.view="now_playing";this.version=0;this.denied=new Set;this.api=new w1(this);this.players=[];this.group=[];this.timer="";this.rightsOf="";this.store=new l2(()=>this.api,()=>this.version+=1);this.sizes=new ResizeObserver(([C])=>{C&&(this.layout=U5(C.contentRect.width,C.contentRect.height))});this.mayControl=C=>!this.denied.has(C.entityId);this.transferTargets=()=>this.players.filter(C=>C.available&&this.mayControl(C)&&C!==this.player)}connectedCallback(){super.connectedCallback(),this.sizes.observe(this),this.requestUpdate()}disconnectedCallback(){super.disconnectedCallback(),this.sizes.disconnect(),this.store.follow(void 0)}shouldUpdate(C){let H=C.get("hass");if(H&&H.language!==this.hass.language&&(this.api=new w1(this)),this.api.hass=this.hass,!C.has("hass"))return!0;let L=D1(this.hass),e=L.length===this.players.length&&L.every((i,d)=>i===this.players[d]);e||(this.players=L);let r=this.timerOf(this.player),t=!H||D3.some(i=>H[i]!==this.hass[i]);return!e||t||r!==this.timer||C.size>1}willUpdate(C){C.has("config")&&(this.chosen=void 0,this.view=this.views[0]??"now_playing"),this.api.views=this.views,this.player=this.pick(),this.timer=this.timerOf(this.player);let H=this.player?$1(this.player,this.players):[];(H.length!==this.group.length||H.some((e,r)=>e!==this.group[r]))&&(this.group=H);let L=this.active&&this.isConnected&&this.layout!=="strip";this.store.follow(L?this.player?.entityId:void 0),this.updateTint(),this.active&&this.updateRights()}get views(){return j2(this.config)}pick(){let C=this.chosen??this.config.entity;return C?this.players.find(H=>H.entityId===C):_1(this.players,this.player?.entityId)}timerOf(C){let H=C&&X2(this.hass,C.entityId,"sensor","sleep_timer"),L=H?this.hass.states[H]?.state??"":"";return Number.isNaN(Date.parse(L))?"":L}updateTint(){let C=this.player?.title?this.api.url(this.player.image):void 0;C!==this.picture&&(this.picture=C,C?X5(C).then(L=>{C===this.picture&&(this.tint=L)}):this.tint=void 0);let H=Y5(this.tint,this.hass.themes?.darkMode??!1);for(let L of["--tint-surface","--tint-accent"])this.style.setProperty(L,H[L]??"")}updateRights(){let C=this.players.map(H=>H.entityId).join();C!==this.rightsOf&&(this.rightsOf=C,this.api.rights().then(H=>{let L=H.filter(e=>!e.can_control);this.denied=new Set(L.map(e=>e.entity_id))}).catch(()=>this.rightsOf=""))}render(){let{player:C,api:H}=this;return C?a`
      <ha-card
        class=${this.layout}
        @music-menu=${L=>{let{opener:e,items:r,heading:t}=L.detail;this.menuElement.open(e,r,t)}}
        @music-prompt=${L=>{this.promptElement.ask(L.detail.question).then(L.detail.answer)}}
        @music-show=${L=>{this.view=L.detail.view,this.target=L.detail.media}}
        @music-choose=${L=>this.chosen=L.detail}
      >
        ${this.renderLayout(C)}
        <music-assistant-menu></music-assistant-menu>
        <music-assistant-prompt></music-assistant-prompt>
      </ha-card>
    `:a`<ha-card>${N(C2,H.t("no_players"))}</ha-card>`}renderLayout(C){if(this.layout==="strip")return this.renderStrip(C,!0);if(this.layout==="bar")return this.views[0]==="now_playing"||this.views.length>1?this.renderNowPlaying(C,!0):this.renderView(this.views[0]??"now_playing",C);let H=this.layout==="wide"&&this.views.includes("now_playing")&&this.views.length>1,L=H?this.views.filter(r=>r!=="now_playing"):this.views,e=L.includes(this.view)?this.view:L[0]??"now_playing";return a`
      ${H?a`<div class="side">
              ${this.renderHead(C)} ${this.renderNowPlaying(C)}
            </div>`:o}
      <div class="main">
        ${!H&&e!=="library"&&this.views.includes("now_playing")?this.renderHead(C):o}
        ${H&&L.length>1?this.renderTabs(L,e):o}
        <div class="view">${Q5(this.renderView(e,C))}</div>
        ${!H&&e!=="now_playing"&&C.title&&this.views.includes("now_playing")?a`<div class="mini">${this.renderStrip(C,!1)}</div>`:o}
        ${!H&&L.length>1?this.renderTabs(L,e):o}
      </div>
    `}renderHead(C){let{api:H}=this,L=this.group.length>1?` +${this.group.length-1}`:"",e=C.available?"":` · ${H.t("unavailable")}`;return a`
      <div class="head">
        <button type="button" class="chip" aria-haspopup="menu" @click=${t=>{let i=this.players.map(d=>({label:d.name,path:d.playing?u2:Z1,selected:d.entityId===C.entityId,run:()=>this.chosen=d.entityId}));this.menuElement.open(t.currentTarget,i)}}>
          ${S(this.group.length>1?O2:Z1)}
          <span class="title">${C.name}${L}${e}</span>
          ${this.players.length>1?S(U1):o}
          <span class="hidden">${H.t("all_players")}</span>
        </button>
      </div>
    `}renderTabs(C,H){let{api:L}=this;return a`
      <nav>
        ${C.map(e=>a`
            <button
              type="button"
              aria-current=${e===H?"page":"false"}
              @click=${()=>this.view=e}
            >
              <span class="pill">${S(E3[e])}</span>
              <span class="label">${L.t(`view_${e}`)}</span>
            </button>
          `)}
      </nav>
    `}renderView(C,H){let L=this.mayControl(H);switch(C){case"now_playing":return this.renderNowPlaying(H);case"queue":return a`<music-assistant-queue
          .api=${this.api}
          .player=${H}
          .store=${this.store}
          .version=${this.version}
          .controllable=${L}
        ></music-assistant-queue>`;case"library":return a`<music-assistant-library
          .api=${this.api}
          .player=${H}
          .start=${this.config.library??"home"}
          .target=${this.target}
          .controllable=${L}
        ></music-assistant-library>`;case"players":return a`<music-assistant-players
          .api=${this.api}
          .player=${H}
          .players=${this.players}
          .denied=${this.denied}
        ></music-assistant-players>`}}renderNowPlaying(C,H=!1){return a`<music-assistant-now-playing
      .api=${this.api}
      .player=${C}
      .players=${this.group}
      .targets=${this.transferTargets}
      .current=${q5(this.store.queue)}
      .timer=${this.timer}
      .active=${this.active}
      .compact=${H}
      .controllable=${this.mayControl(C)}
    ></music-assistant-now-playing>`}renderStrip(C,H){let L=()=>{H?C1(this,"hass-more-info",{entityId:C.entityId}):this.view="now_playing"};return a`<music-assistant-strip
      .api=${this.api}
      .player=${C}
      .named=${H}
      .controllable=${this.mayControl(C)}
      @open=${L}
    ></music-assistant-strip>`}static{this.styles=[c,u`
      :host {
        height: 100%;
      }
      ha-card {
        display: flex;
        height: 100%;
        overflow: hidden;
        container: card / size;
        background: linear-gradient(
          var(--surface),
          color-mix(
            in srgb,
            var(--surface) 45%,
            var(--ha-card-background, var(--card-background-color, #fff))
          )
        );
      }
      ha-card.wide {
        background: linear-gradient(
          to right,
          var(--surface),
          color-mix(
            in srgb,
            var(--surface) 35%,
            var(--ha-card-background, var(--card-background-color, #fff))
          )
        );
      }
      ha-card > * {
        min-height: 0;
      }
      .strip > :first-child,
      .bar > :first-child {
        flex: 1;
        min-width: 0;
      }
      .side,
      .main {
        display: flex;
        flex-direction: column;
        min-width: 0;
        height: 100%;
      }
      .main {
        flex: 1;
      }
      .side {
        flex: 0 0 42%;
        max-width: 420px;
        border-inline-end: 1px solid var(--fainter);
      }
      .side > music-assistant-now-playing {
        flex: 1;
      }
      .view {
        flex: 1;
        min-height: 0;
      }
      .head {
        display: flex;
        justify-content: center;
        padding: 12px 12px 0;
        flex: none;
      }
      .head .chip {
        max-width: 100%;
      }
      .head .title {
        font-weight: 400;
      }
      .head svg:nth-of-type(2) {
        margin: 0 -4px 0 0;
      }
      .hidden {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
      .mini {
        flex: none;
        height: 60px;
        margin: 0 8px;
        border-radius: 16px;
        background: var(--faint);
      }
      nav {
        flex: none;
        display: flex;
        justify-content: space-evenly;
        padding: 6px 8px 8px;
      }
      nav button {
        flex: 1;
        min-width: 0;
        max-width: 120px;
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 2px;
        font-size: 12px;
        line-height: 16px;
        padding-block: 2px;
      }
      nav button:hover {
        background: none !important;
      }
      .pill {
        display: grid;
        place-items: center;
        width: 56px;
        max-width: 100%;
        height: 30px;
        border-radius: 15px;
        transition: background-color var(--quick);
      }
      nav button:hover .pill {
        background: var(--faint);
      }
      nav [aria-current="page"] .pill {
        background: color-mix(in srgb, var(--accent) 26%, transparent);
      }
      nav .label {
        max-width: 100%;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .wide nav {
        justify-content: flex-start;
        gap: 4px;
        padding: 12px 16px 4px;
      }
      .wide nav button {
        flex: none;
        flex-direction: row;
        max-width: none;
        height: 36px;
        padding-inline: 4px 14px;
        gap: 0;
        border-radius: 18px;
        font-size: 14px;
      }
      .wide nav .pill {
        width: 36px;
        background: none !important;
      }
      .wide nav [aria-current="page"] {
        background: color-mix(in srgb, var(--accent) 26%, transparent) !important;
      }
      @container card (height < 400px) {
        .narrow nav .label {
          display: none;
        }
      }
    `]}};A([n({attribute:!1})],g.prototype,"hass",2),A([n({attribute:!1})],g.prototype,"config",2),A([n({type:Boolean})],g.prototype,"active",2),A([v()],g.prototype,"layout",2),A([v()],g.prototype,"view",2),A([v()],g.prototype,"chosen",2),A([v()],g.prototype,"target",2),A([v()],g.prototype,"tint",2),A([v()],g.prototype,"version",2),A([v()],g.prototype,"denied",2),A([D("music-assistant-menu")],g.prototype,"menuElement",2),A([D("music-assistant-prompt")],g.prototype,"promptElement",2);var k=class extends O{menu(V,C,H=""){this.menuAt(V.currentTarget,C,H)}menuAt(V,C,H=""){C1(this,"music-menu",{opener:V,items:C,heading:H})}ask(V){return new Promise(C=>{C1(this,"music-prompt",{question:V,answer:C})})}show(V,C){C1(this,"music-show",{view:V,media:C})}};A([n({attribute:!1})],k.prototype,"api",2);var _3=[{enqueue:"play",label:"play_now",path:E},{enqueue:"next",label:"play_next",path:j1},{enqueue:"add",label:"queue_add",path:o5},{enqueue:"replace",label:"queue_replace",path:s1}],$3=new Set(["track","album","artist","playlist","genre"]),I3=new Set(["track","album","radio","podcast_episode","audiobook"]),N3=new Set(["podcast_episode","directory","folder"]);function C3(M,V,C){let H=C.canPlay?W3(M,V,C):[];return m1(C)?[...H,...B1(M,V,C)]:H}function W3(M,V,C){let{api:H}=M,L=_3.map(({enqueue:e,label:r,path:t})=>({label:H.t(r),path:t,run:()=>{Q3(M,V,C,e)}}));return m1(C)&&$3.has(C.kind)&&L.push({label:H.t("play_radio"),path:p5,run:()=>{H.play(V,C,void 0,!0)}}),L}async function Q3({api:M},V,C,H){await M.play(V,C,H)&&(H==="add"||H==="next")&&M.toast(M.t("added_to_queue"))}function B1(M,V,C){let{api:H}=M,L=[],e=(r,t,i)=>{L.push({label:H.t(r),path:t,run:()=>{i().catch(d=>H.report(d))}})};return N3.has(C.kind)||e("favorite",V1,()=>I2(M,V,C)),I3.has(C.kind)&&e("add_to_playlist",U,()=>U3(M,V,C)),H.views.includes("library")&&((C.kind==="track"||C.kind==="album")&&e("go_to_artist",N1,()=>J5(M,V,C,"artist")),C.kind==="track"&&e("go_to_album",W1,()=>J5(M,V,C,"album"))),L}async function I2({api:M},V,C){let{items:H}=await M.askServer("set_favorite",V,{media_id:[C.id],favorite:"toggle"}),L=H[0]?.favorite??!1;M.toast(M.t(L?"favorite_added":"favorite_removed",{name:C.name}))}async function J5(M,V,C,H){let{item:L}=await M.api.askServer("get_item",V,{uri:C.id,children:[]}),e=H==="album"?L.album:L.artists?.[0];e?M.show("library",$(e)):M.api.toast(M.api.t("nothing_found"))}async function U3(M,V,C){let{api:H}=M,{playlists:L}=await H.askServer("get_playlists",V,{editable:!0}),e=async i=>{await H.askServer("add_to_playlist",V,{playlist:i.uri,media_id:[C.id]}),H.toast(H.t("added_to_playlist",{name:i.name}))},r=async()=>{let i=await M.ask({title:H.t("new_playlist"),label:H.t("name"),confirm:H.t("save"),cancel:H.t("cancel")});i&&await e(await H.askServer("create_playlist",V,{name:i}))},t=i=>()=>{i().catch(d=>H.report(d))};M.menuAt(M,[{label:H.t("new_playlist"),path:a5,run:t(r)},...L.map(i=>({label:i.name,path:U,run:t(()=>e(i))}))],H.t("add_to_playlist"))}var N2=[["track","tracks"],["album","albums"],["artist","artists"],["playlist","playlists"],["radio","radio"],["podcast","podcasts"],["audiobook","audiobooks"],["genre","genres"]],G3=["playlist","radio","album","artist","track"],z3=new Set(["album","artist","playlist","podcast","audiobook","radio","genre"]),q3=350,K3=6,j3=50,X3={home:["recently_played","recommendations"],favorites:[],recently_played:["recently_played"],recommendations:["recommendations"]},H3={kind:"",provider:"",favorites:!1},b=class extends k{constructor(){super(...arguments);this.controllable=!0;this.start="home";this.pages=[];this.loading=!1;this.text="";this.filters=H3;this.providers=[];this.server="";this.task=0;this.outdated=!1;this.kindName=C=>{let H=`kind_${C}`;return E1(H)?this.api.t(H):""};this.canSelect=C=>C.canOpen||C.canPlay&&this.controllable}connectedCallback(){super.connectedCallback(),this.server&&this.subscribe()}disconnectedCallback(){super.disconnectedCallback(),this.unsubscribe(),clearTimeout(this.typing)}willUpdate(C){let{entityId:H}=this.player,L=I1(this.api.hass,H)??H;if(L!==this.server&&(this.server=L,this.subscribe(),this.pages=[],this.providers=[],this.target||this.open(()=>this.loadStart())),C.has("target")&&this.target){let{target:e}=this;this.open(()=>this.loadPlace(e))}}subscribe(){this.unsubscribe(),this.subscription=this.api.subscribeLists(this.player.entityId,C=>{X3[this.start].some(H=>C.includes(H))&&(this.outdated=!0,this.refresh())}).catch(()=>{})}unsubscribe(){this.subscription?.then(C=>C?.()),this.subscription=void 0}async refresh(){if(!this.outdated||this.pages.length!==1||this.target||this.text.trim())return;this.outdated=!1;let C=this.task,H=await this.loadStart().catch(()=>{});H&&C===this.task&&(this.pages=[H])}async open(C,H=!1){let L=this.task+=1;this.loading=!0;try{let e=await C();if(L!==this.task)return;this.pages=[...H?this.pages.slice(0,-1):this.pages,e],this.renderRoot.querySelector(".scroller")?.scrollTo({top:0})}catch(e){L===this.task&&await this.api.report(e)}finally{L===this.task&&(this.loading=!1)}}back(){this.task+=1,this.loading=!1,this.page?.search?this.clear():this.pages=this.pages.slice(0,-1),this.pages.length?this.refresh():this.open(()=>this.loadStart())}get page(){return this.pages.at(-1)}loadStart(){return{home:()=>this.loadHome(),favorites:()=>this.loadFavorites(),recently_played:()=>this.loadRecent(),recommendations:async()=>({title:"",groups:await this.recommendations()})}[this.start]()}async loadHome(){let{api:C,player:H}=this,[L,e]=await Promise.all([C.browse(H.entityId),this.recommendations().catch(()=>[])]),r=(L.children??[]).map(E2),[t,i]=[e.slice(0,2),e.slice(2)],d={title:this.api.t("browse"),items:r};return{title:"",groups:[...t,d,...i]}}async recommendations(){let{response:C}=await this.api.askServer("get_recommendations",this.player.entityId);return C.map(({name:H,items:L})=>({title:H,items:L.map($),shelf:!0}))}async loadRecent(){let{items:C}=await this.api.askServer("get_recently_played",this.player.entityId,{limit:30});return{title:"",groups:[{title:"",items:C.map($)}]}}async loadFavorites(){return{title:"",groups:await this.library(G3,{favorite:!0,limit:25})}}async library(C,H){return(await Promise.all(C.map(async e=>{let{items:r}=await this.api.askServer("get_library",this.player.entityId,{media_type:e,...H});return{title:this.kindName(e),items:r.map($)}}))).filter(e=>e.items.length)}async loadPlace(C){let H=await this.api.browse(this.player.entityId,C.id,C.contentType),L=(H.children??[]).map(E2);return{title:C.name||H.title,media:{...C,image:C.image??H.thumbnail??void 0,canPlay:H.can_play},groups:[{title:"",items:L}]}}onInput(C){this.text=C.target.value,clearTimeout(this.typing),this.typing=setTimeout(()=>this.search(),q3)}clear(){clearTimeout(this.typing),this.text="",this.input&&(this.input.value=""),this.filters=H3,this.pages=this.pages.filter(C=>!C.search)}search(){let C=this.text.trim();if(!C){this.task+=1,this.loading=!1,this.pages=this.pages.filter(L=>!L.search),this.refresh();return}this.providers.length||this.loadProviders();let H=this.page?.search??!1;this.open(()=>_2(C)?this.loadLink(C):this.find(C),H)}async loadProviders(){let C=await this.api.askServer("get_providers",this.player.entityId,{provider_type:["music"]}).catch(()=>({providers:[]}));this.providers=C.providers}async find(C){let{kind:H,provider:L,favorites:e}=this.filters,r=H?j3:K3,t=L?{providers:[L]}:{},i="";if(e){let p=H?[H]:N2.map(([x])=>x),l={search:C,favorite:!0,limit:r,...t};return{title:i,search:!0,groups:await this.library(p,l)}}let d=await this.api.askServer("search",this.player.entityId,{name:C,limit:r,...H&&{media_type:[H]},...t}),m=N2.map(([p,l])=>({title:this.kindName(p),items:(d[l]??[]).map($)}));return{title:i,search:!0,groups:m.filter(p=>p.items.length)}}async loadLink(C){let H=await this.api.askServer("resolve_link",this.player.entityId,{link:C}).catch(()=>({chosen:null}));return{title:"",search:!0,groups:[{title:"",items:[H.chosen?$(H.chosen):{id:C,kind:"link",name:this.api.t("link_play"),detail:C,image:void 0,canPlay:!0,canOpen:!1,contentType:"music"}]}]}}setFilters(C){this.filters={...this.filters,...C},this.search()}render(){let{api:C,page:H}=this,L=this.pages.length>1||(H?.title??"")!=="";return a`
      <div class="head" ?hidden=${this.start!=="home"&&!L}>
        ${L?s({path:Y2,label:C.t("back"),kind:"back",click:()=>this.back()}):o}
        <div class="field">
          ${S(i5)}
          <input
            type="search"
            aria-label=${C.t("search")}
            placeholder=${C.t("search")}
            autocomplete="off"
            enterkeyhint="search"
            .value=${this.text}
            @input=${this.onInput}
          />
          ${this.text?s({path:V5,label:C.t("clear"),kind:"small",click:()=>this.clear()}):o}
        </div>
      </div>
      ${H?.search&&!_2(this.text)?this.renderFilters():o}
      <div class="scroller" aria-busy=${this.loading}>
        ${H?this.renderPage(H):P1(C.t("loading"))}
      </div>
    `}renderFilters(){let{api:C,filters:H}=this,L=this.providers.find(e=>e.instance_id===H.provider);return a`
      <div class="filters" role="group" aria-label=${C.t("search")}>
        <button
          type="button"
          class="chip"
          aria-pressed=${H.favorites}
          @click=${()=>this.setFilters({favorites:!H.favorites})}
        >
          ${S(H.favorites?G1:V1)}${C.t("favorites")}
        </button>
        ${this.providers.length>1?a`<button
                type="button"
                class="chip"
                aria-haspopup="menu"
                aria-pressed=${H.provider!==""}
                @click=${e=>this.menu(e,this.providerMenu())}
              >
                ${S(Y1)}${L?.name??C.t("all_providers")}
              </button>`:o}
        ${N2.map(([e])=>a`
            <button
              type="button"
              class="chip"
              aria-pressed=${H.kind===e}
              @click=${()=>this.setFilters({kind:H.kind===e?"":e})}
            >
              ${this.kindName(e)}
            </button>
          `)}
      </div>
    `}providerMenu(){return[{name:this.api.t("all_providers"),instance_id:""},...this.providers].map(({name:H,instance_id:L})=>({label:H,path:Y1,selected:this.filters.provider===L,run:()=>this.setFilters({provider:L})}))}renderPage(C){let{api:H}=this;if(this.loading&&C.search&&!C.groups.length)return P1(H.t("loading"));let{media:L}=C,e=!C.groups.some(r=>r.items.length);return a`
      ${C.title?a`<div class="place">
              ${L?.image||L&&m1(L)?B(H.url(L.image),I(L.kind),L.kind==="artist"?"round":""):o}
              <h2 class="title" dir="auto">${C.title}</h2>
              ${L?.canPlay&&this.controllable?a`${s({path:E,label:`${H.t("play")}: ${C.title}`,kind:"filled",click:()=>{H.play(this.player.entityId,L)}})}
                    ${this.menuButton(L)}`:o}
            </div>`:o}
      ${e?N(Q1,H.t(C.search?"nothing_found":"nothing_here")):C.groups.map(r=>this.renderGroup(r))}
    `}renderGroup({title:C,items:H,shelf:L}){let e=H[0]?.kind??"",r=H.every(d=>d.kind==="directory"||d.kind==="app"),t=!r&&H.every(d=>z3.has(d.kind)),i=r?"places":L?"shelf":t?"covers":"rows";return a`
      <section aria-label=${C||this.kindName(e)||this.api.t("browse")}>
        ${C?a`<h3>${C}</h3>`:o}
        <div class=${i} role="list">
          ${H.map(d=>i==="rows"?this.renderRow(d):i==="places"?this.renderPlace(d):this.renderCover(d))}
        </div>
      </section>
    `}renderPlace(C){return a`<div role="listitem">
      <button type="button" class="place-button" @click=${()=>this.select(C)}>
        ${C.image?B(this.api.url(C.image),I("directory"),"tiny"):S(C0(C))}
        <span class="title" dir="auto">${C.name}</span>
      </button>
    </div>`}renderCover(C){return a`<div role="listitem" class="tile">
      <button
        type="button"
        class="cover-button"
        @click=${()=>this.select(C)}
        ?disabled=${!this.canSelect(C)}
      >
        ${B(this.api.url(C.image),I(C.kind),C.kind==="artist"?"big round":"big")}
        <span class="title" dir="auto">${C.name}</span>
        <span class="detail" dir="auto">${C.detail}</span>
      </button>
      ${this.controllable?this.menuButton(C,"over"):o}
    </div>`}renderRow(C){return a`<div role="listitem" class="row">
      <button
        type="button"
        class="main"
        @click=${()=>this.select(C)}
        ?disabled=${!this.canSelect(C)}
      >
        ${C.kind==="link"?a`<span class="cover">${S(z1)}</span>`:B(this.api.url(C.image),I(C.kind),C.kind==="artist"?"round":"")}
        <span class="two-lines">
          <span class="title" dir="auto">${C.name}</span>
          ${C.detail?a`<span class="detail" dir="auto">${C.detail}</span>`:o}
        </span>
      </button>
      ${this.controllable?this.menuButton(C):o}
    </div>`}menuButton(C,H=""){return!C.canPlay&&!m1(C)?o:s({path:d1,label:`${this.api.t("more")}: ${C.name}`,kind:`small ${H}`,menu:!0,click:L=>this.menu(L,C3(this,this.player.entityId,C),C.name)})}select(C){C.canOpen?this.open(()=>this.loadPlace(C)):C.canPlay&&this.controllable&&this.api.play(this.player.entityId,C)}static{this.styles=[c,u`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        min-height: 0;
      }
      .head {
        display: flex;
        align-items: center;
        gap: 4px;
        padding: 12px 16px 8px;
        flex: none;
      }
      .back {
        margin-inline-start: -8px;
      }
      .field {
        flex: 1;
        min-width: 0;
        display: flex;
        align-items: center;
        gap: 8px;
        height: 40px;
        padding-inline: 12px 2px;
        border-radius: 20px;
        background: var(--faint);
        color: var(--soft-text);
      }
      .field:focus-within {
        outline: 2px solid var(--text);
      }
      input {
        flex: 1;
        min-width: 0;
        height: 100%;
        font: inherit;
        font-size: 16px;
        color: var(--text);
        background: none;
        border: 0;
      }
      /* The field around it has the outline. */
      .field input {
        outline: none;
      }
      input::placeholder {
        color: var(--soft-text);
        opacity: 1;
        font-size: 14px;
      }
      input::-webkit-search-cancel-button {
        display: none;
      }
      .filters {
        display: flex;
        gap: 8px;
        overflow-x: auto;
        scrollbar-width: none;
        padding: 2px 16px 8px;
        flex: none;
      }
      .scroller {
        flex: 1;
        min-height: 0;
        padding: 0 16px 16px;
      }
      .head[hidden] + .scroller {
        padding-top: 12px;
      }
      .head[hidden] + .scroller h3:first-child {
        margin-top: 0;
      }
      .place {
        display: flex;
        align-items: center;
        gap: 8px;
        padding-bottom: 8px;
      }
      .place .cover {
        width: 56px;
        height: 56px;
        margin-inline-end: 4px;
      }
      h2 {
        flex: 1;
        margin: 0;
        font-size: 18px;
        line-height: 24px;
      }
      h3 {
        margin: 16px 0 8px;
        font-size: 16px;
        line-height: 24px;
        font-weight: 500;
      }
      .places {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(140px, 1fr));
        gap: 8px;
      }
      .place-button {
        display: flex;
        align-items: center;
        gap: 10px;
        width: 100%;
        height: 48px;
        padding-inline: 12px;
        background: var(--fainter);
      }
      .place-button svg {
        color: var(--soft-text);
      }
      .cover.tiny {
        width: 28px;
        height: 28px;
        margin: -2px;
        background: none;
      }
      .cover.tiny img {
        object-fit: contain;
      }
      .shelf {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: 116px;
        gap: 12px;
        overflow-x: auto;
        margin-inline: -16px;
        padding-inline: 16px;
        padding-block: 2px 4px;
        scroll-snap-type: x proximity;
        scroll-padding-inline: 16px;
        scrollbar-width: none;
      }
      .covers {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(116px, 1fr));
        gap: 16px 12px;
      }
      .tile {
        position: relative;
        scroll-snap-align: start;
        min-width: 0;
        content-visibility: auto;
        contain-intrinsic-size: 116px 156px;
      }
      .cover-button {
        display: flex;
        flex-direction: column;
        width: 100%;
        border-radius: 12px;
        opacity: 1;
      }
      .cover.big {
        width: 100%;
        height: auto;
        aspect-ratio: 1;
        border-radius: 12px;
        margin-bottom: 6px;
      }
      .cover.big.round {
        border-radius: 50%;
      }
      .cover.big svg {
        width: 40%;
        height: 40%;
      }
      .cover-button .title,
      .cover-button .detail {
        max-width: 100%;
        padding-inline: 2px;
      }
      .cover-button:hover {
        background: none;
      }
      .over {
        position: absolute;
        top: 4px;
        inset-inline-end: 4px;
        background: rgb(0 0 0 / 50%);
        color: #fff;
      }
      .rows .row {
        margin-inline: -8px;
        content-visibility: auto;
        contain-intrinsic-height: 56px;
      }
      button.main:disabled,
      button.cover-button:disabled {
        opacity: 1;
      }
    `]}};A([n({attribute:!1})],b.prototype,"player",2),A([n({type:Boolean})],b.prototype,"controllable",2),A([n()],b.prototype,"start",2),A([n({attribute:!1})],b.prototype,"target",2),A([v()],b.prototype,"pages",2),A([v()],b.prototype,"loading",2),A([v()],b.prototype,"text",2),A([v()],b.prototype,"filters",2),A([v()],b.prototype,"providers",2),A([D("input")],b.prototype,"input",2);var Y3={artists:"artist",albums:"album",tracks:"track",playlists:"playlist",radio:"radio",podcasts:"podcast",audiobooks:"audiobook",genres:"genre"},J3={recommendations:x5,in_progress:A5,recently_played:r5,favorites:V1,providers:Y1},C0=({id:M})=>J3[M]??I(Y3[M]??"directory");var l1=Y(class extends _{constructor(M){if(super(M),M.type!==n1.ATTRIBUTE||M.name!=="class"||M.strings?.length>2)throw Error("`classMap()` can only be used in the `class` attribute and must be the only part in the attribute.")}render(M){return" "+Object.keys(M).filter(V=>M[V]).join(" ")+" "}update(M,[V]){if(this.st===void 0){this.st=new Set,M.strings!==void 0&&(this.nt=new Set(M.strings.join(" ").split(/\s/).filter(H=>H!=="")));for(let H in V)V[H]&&!this.nt?.has(H)&&this.st.add(H);return this.render(V)}let C=M.element.classList;for(let H of this.st)H in V||(C.remove(H),this.st.delete(H));for(let H in V){let L=!!V[H];L===this.st.has(H)||this.nt?.has(H)||(L?(C.add(H),this.st.add(H)):(C.remove(H),this.st.delete(H)))}return P}});function T1(M,V){if(M.position===void 0)return;let C=M.playing?Math.max(0,V-M.positionAt)/1e3:0;return Math.min(M.position+C,M.duration??1/0)}function o1(M){let V=Math.max(0,Math.floor(M)),[C,H]=[Math.floor(V/3600),Math.floor(V/60)%60],L=String(V%60).padStart(2,"0");return C?`${C}:${String(H).padStart(2,"0")}:${L}`:`${H}:${L}`}var W2={lyrics:null,lines:[]},V3=M=>!!(M?.lines.length||M?.lyrics);function L3(M,V){let[C,H]=[0,M.length];for(;C<H;){let L=C+H>>1;(M[L]?.time??1/0)<=V?C=L+1:H=L}return C-1}var j=class extends k{constructor(){super(...arguments);this.active=!0;this.controllable=!0;this.line=-1}disconnectedCallback(){super.disconnectedCallback(),clearTimeout(this.timer)}willUpdate(C){C.has("lyrics")&&(this.line=-1),this.follow()}updated(C){if(!C.has("line"))return;let H=this.renderRoot.querySelector(".lines"),L=H?.querySelector(".sung");if(!H||!L)return;let e=L.offsetTop-H.clientHeight/2+L.offsetHeight/2;H.scrollTo({top:e,behavior:"smooth"})}follow(){clearTimeout(this.timer);let C=this.lyrics?.lines??[],H=T1(this.player,Date.now());if(!C.length||H===void 0||!this.active)return;this.line=L3(C,H);let L=C[this.line+1];L&&this.player.playing&&this.isConnected&&(this.timer=setTimeout(()=>this.requestUpdate(),(L.time-H)*1e3+20))}render(){let{lyrics:C,api:H}=this;return C?C.lines.length?this.renderLines(C.lines):C.lyrics?a`<div class="lines scroller plain" tabindex="0">${C.lyrics}</div>`:N(X1,H.t("no_lyrics")):P1(H.t("loading"))}renderLines(C){let H=this.controllable&&f(this.player,h.SEEK);return a`
      <div class="lines scroller" tabindex="0" aria-label=${this.api.t("lyrics")} role="group">
        ${C.map((L,e)=>a`
            <button
              type="button"
              class=${l1({sung:e===this.line,past:e<this.line})}
              aria-current=${e===this.line?"true":"false"}
              ?disabled=${!H}
              @click=${()=>{this.api.media("media_seek",this.player.entityId,{seek_position:L.time})}}
            >
              ${L.text||"♪"}
            </button>
          `)}
      </div>
    `}static{this.styles=[c,u`
      .lines {
        position: relative;
        height: 100%;
        padding-block: 30% 40%;
        text-align: center;
      }
      .plain {
        padding-block: 8px;
        white-space: pre-line;
        font-size: 16px;
        line-height: 26px;
      }
      .lines button {
        display: block;
        width: 100%;
        padding: 6px 8px;
        text-align: center;
        font-size: 18px;
        line-height: 26px;
        font-weight: 500;
        color: var(--soft-text);
        opacity: 1;
        transition:
          color var(--quick),
          transform var(--quick);
      }
      .lines .sung {
        color: var(--text);
        transform: scale(1.08);
        font-weight: 700;
      }
    `]}};A([n({attribute:!1})],j.prototype,"player",2),A([n({type:Boolean})],j.prototype,"active",2),A([n({type:Boolean})],j.prototype,"controllable",2),A([n({attribute:!1})],j.prototype,"lyrics",2),A([v()],j.prototype,"line",2);var H0=new Set(["flac","alac","wav","aiff","wavpack","ape","dsf","pcm"]);function M3(M){let V=M?.content_type;if(!V||V==="?"||V==="unknown")return"";let C=(M.sample_rate??0)/1e3,H=H0.has(V)?M.bit_depth&&C&&`${M.bit_depth}/${C.toLocaleString("en")}`:M.bit_rate;return[V.toUpperCase(),H].filter(Boolean).join(" ")}var e3=(M,V)=>new Date(V).toLocaleTimeString(M,{hour:"numeric",minute:"2-digit"});var V0={off:{next:"all",path:h2,label:"repeat_off"},all:{next:"one",path:h2,label:"repeat_all"},one:{next:"off",path:n5,label:"repeat_one"}},L0=[15,30,45,60,90],y=class extends k{constructor(){super(...arguments);this.players=[];this.targets=()=>[];this.timer="";this.active=!0;this.controllable=!0;this.compact=!1;this.quality="";this.singing=!1;this.members=!1;this.asked="";this.song=""}willUpdate(C){let{player:H}=this,L=`${H.entityId} ${H.contentId} ${H.title} ${H.playing}`;this.active&&!this.compact&&L!==this.asked&&H.title&&(this.asked=L,this.lookUp(L));let e=`${H.entityId} ${H.contentId} ${H.title}`;this.active&&!this.compact&&this.isTrack&&e!==this.song&&(this.song=e,this.loadLyrics(e)),H.title||(this.item=void 0),C.has("player")&&C.get("player")?.entityId!==H.entityId&&(this.members=!1,this.item=void 0,this.quality="")}async lookUp(C){try{let H=await this.api.askPlayer("get_queue",this.player.entityId);if(C!==this.asked)return;this.item=H?.current_item?.media_item??void 0,this.quality=M3(H?.current_item?.stream_details)}catch{this.quality=""}}async loadLyrics(C){let{entityId:H}=this.player;this.lyrics=void 0;let L=await this.api.askServer("get_lyrics",H,{entity:H}).catch(()=>W2);C===this.song&&(this.lyrics=L)}get isTrack(){return this.player.title!==""&&this.current?.media_type==="track"}render(){let{player:C}=this;return a`
      <div class="art">
        ${this.singing?a`<music-assistant-lyrics
                .api=${this.api}
                .player=${C}
                .lyrics=${this.isTrack?this.lyrics:W2}
                .active=${this.active}
                .controllable=${this.controllable}
              ></music-assistant-lyrics>`:B(this.api.url(C.image),q1,"large")}
      </div>
      <div class="panel">
        ${this.renderTexts()}
        <music-assistant-progress
          dir="ltr"
          .api=${this.api}
          .player=${C}
          .active=${this.active}
          .controllable=${this.controllable}
        ></music-assistant-progress>
        ${this.controllable?this.renderControls():o}
        ${this.compact?o:this.renderVolume()}
        ${this.compact||!this.controllable?o:this.renderTools()}
      </div>
    `}renderTexts(){let{player:C,item:H}=this,L=H?.artists?.[0],e=this.compact?"":C.album,r=this.compact?C.name:this.quality,t=C.title||this.api.t(C.available?"nothing_plays":"unavailable");return a`
      <div class="texts">
        <div class="two-lines">
          ${this.line("headline",t,H)}
          <div class="by">
            ${this.line("",C.artist,L)}
            ${C.artist&&e?a`<span aria-hidden="true">·</span>`:o}
            ${this.line("",e,H?.album)}
          </div>
          ${C.from&&C.from!==C.album&&!this.compact?a`<span class="detail" dir="auto">${C.from}</span>`:o}
        </div>
        ${r?a`<span class="badge">${r}</span>`:o}
      </div>
    `}line(C,H,L){if(!H)return o;let e=L?$(L):void 0;return!e?.canOpen||!this.api.views.includes("library")?a`<span class="${C} title" dir="auto">${H}</span>`:a`<button
      type="button"
      class="${C} title"
      dir="auto"
      @click=${()=>this.show("library",e)}
    >
      ${H}
    </button>`}renderControls(){let{player:C,api:H}=this,{entityId:L}=C,e=V0[C.repeat],r=(i,d={})=>()=>{H.media(i,L,d)},t=C.playing&&!f(C,h.PAUSE);return a`
      <div class="controls" dir="ltr" role="group" aria-label=${H.t("view_now_playing")}>
        ${f(C,h.SHUFFLE_SET)?s({path:l5,label:H.t("shuffle"),pressed:C.shuffle,kind:"extra",click:r("shuffle_set",{shuffle:!C.shuffle})}):o}
        ${f(C,h.PREVIOUS_TRACK)?s({path:v5,label:H.t("previous"),kind:"skip previous",click:r("media_previous_track")}):o}
        ${C.available?s({path:t?H2:C.playing?K1:E,label:H.t(C.playing?"pause":"play"),kind:"filled play",click:r(t?"media_stop":C.playing?"media_pause":"media_play")}):o}
        ${f(C,h.NEXT_TRACK)?s({path:J1,label:H.t("next"),kind:"skip",click:r("media_next_track")}):o}
        ${f(C,h.REPEAT_SET)?s({path:e.path,label:H.t(e.label),kind:C.repeat==="off"?"extra":"extra on",click:r("repeat_set",{repeat:e.next})}):o}
      </div>
    `}renderVolume(){let{player:C,api:H,controllable:L}=this;if(C.volume===void 0&&C.groupVolume===void 0)return o;if(!C.available)return o;let e=$1(C,this.players),r=e[0]??C,t=e.length>1&&r.groupVolume!==void 0,i=t?m=>{H.act("set_group_volume",C.entityId,{volume_level:m})}:m=>this.setVolume(C,m),d=t?r.groupVolume:C.volume??0;return a`
      <div class="volume">
        ${L&&f(C,h.VOLUME_MUTE)?s({path:C.muted?Z5:u1,label:H.t("mute"),pressed:C.muted,click:()=>{H.media("volume_mute",C.entityId,{is_volume_muted:!C.muted})}}):a`<span class="symbol">${S(u1)}</span>`}
        ${this.volumeSlider(H.t(t?"volume_group":"volume"),d,i,C)}
        ${t?s({path:this.members?H5:U1,label:H.t("members"),pressed:this.members,click:()=>this.members=!this.members}):o}
      </div>
      ${t&&this.members?a`<div class="members">
              ${e.map(m=>a`
                  <div class="volume">
                    <span class="title">${m.name}</span>
                    ${this.volumeSlider(H.t("volume_of",{name:m.name}),m.volume??0,p=>this.setVolume(m,p),m)}
                  </div>
                `)}
            </div>`:o}
    `}volumeSlider(C,H,L,e){let r=Math.round(H*100);return a`<music-assistant-slider
      .label=${C}
      .text="${r} %"
      .value=${r}
      .disabled=${!this.controllable||!f(e,h.VOLUME_SET)}
      @set=${t=>L(t.detail)}
    ></music-assistant-slider>`}setVolume(C,H){this.api.media("volume_set",C.entityId,{volume_level:H/100})}renderTools(){let{player:C,api:H}=this,L=this.media,e=this.timer!=="";return a`
      <div class="tools">
        ${L?s({path:this.current?.favorite?G1:V1,label:H.t("favorite"),pressed:this.current?.favorite??!1,click:()=>{I2(this,C.entityId,L).catch(r=>H.report(r))}}):o}
        ${this.singing||this.isTrack&&V3(this.lyrics)?s({path:X1,label:H.t("lyrics"),pressed:this.singing,click:()=>this.singing=!this.singing}):o}
        ${C.available?s({path:f2,label:e?H.t("sleep_timer_until",{time:e3(H.hass.language,this.timer)}):H.t("sleep_timer"),kind:e?"on":"",menu:!0,click:r=>this.menu(r,this.timerMenu(e),H.t("sleep_timer"))}):o}
        ${this.targets().length&&C.title?s({path:x1,label:H.t("transfer"),menu:!0,click:r=>this.menu(r,this.transferMenu(),H.t("transfer"))}):o}
        ${f(C,h.TURN_OFF)&&C.state!=="off"?s({path:S2,label:H.t("turn_off"),click:()=>{H.media("turn_off",C.entityId)}}):o}
        ${L?s({path:d1,label:H.t("more"),menu:!0,click:r=>this.menu(r,B1(this,C.entityId,L),L.name)}):o}
      </div>
    `}get media(){let{current:C,player:H}=this;if(!(!C||!H.title||!C.media_content_id.includes("://")))return{id:C.media_content_id,kind:C.media_type,name:H.title,detail:H.artist,image:H.image,canPlay:!0,canOpen:!1,contentType:C.media_type}}timerMenu(C){let{api:H,player:L}=this,e=L0.map(t=>({label:H.t("minutes",{count:t}),path:f2,run:()=>{H.act("set_sleep_timer",L.entityId,{duration:{minutes:t}})}})),r={label:H.t("off"),path:S2,run:()=>{H.act("clear_sleep_timer",L.entityId)}};return C?[...e,r]:e}transferMenu(){return this.targets().map(C=>({label:C.name,path:x1,run:()=>{this.transferTo(C)}}))}async transferTo(C){let H={source_player:this.player.entityId};await this.api.act("transfer_queue",C.entityId,H)&&this.dispatchEvent(new CustomEvent("music-choose",{detail:C.entityId,bubbles:!0,composed:!0}))}static{this.styles=[c,u`
      :host {
        display: flex;
        flex-direction: column;
        gap: 16px;
        height: 100%;
        min-height: 0;
        padding: 16px 20px;
      }
      .art {
        flex: 1 1 0;
        min-height: 0;
        display: flex;
        align-items: center;
        justify-content: center;
        container-type: size;
      }
      .cover.large {
        width: min(100cqw, 100cqh);
        height: min(100cqw, 100cqh);
        border-radius: 16px;
        box-shadow: 0 6px 24px rgb(0 0 0 / 18%);
      }
      .cover.large svg {
        width: 33%;
        height: 33%;
      }
      music-assistant-lyrics {
        width: 100%;
        height: 100%;
      }
      .panel {
        display: flex;
        flex-direction: column;
        gap: 10px;
        min-width: 0;
      }
      .texts {
        display: flex;
        align-items: flex-start;
        gap: 8px;
      }
      .texts .two-lines {
        align-items: flex-start;
      }
      .texts .title {
        max-width: 100%;
        border-radius: 4px;
      }
      .headline {
        font-size: 20px;
        line-height: 28px;
      }
      .by {
        display: flex;
        gap: 6px;
        max-width: 100%;
        color: var(--soft-text);
      }
      .by .title {
        font-weight: 400;
      }
      button.title:hover {
        background: none;
        text-decoration: underline;
      }
      .badge {
        flex: 0 1 auto;
        max-width: 45%;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        margin-top: 4px;
        padding: 2px 8px;
        border-radius: 10px;
        background: var(--faint);
        font-size: 11px;
        line-height: 16px;
        font-weight: 500;
        letter-spacing: 0.02em;
      }
      .controls {
        display: flex;
        align-items: center;
        justify-content: space-between;
        max-width: 360px;
        width: 100%;
        margin-inline: auto;
      }
      .controls .skip {
        width: 48px;
        height: 48px;
      }
      .controls .skip svg {
        width: 32px;
        height: 32px;
      }
      .controls .play {
        width: 60px;
        height: 60px;
        border-radius: 20px;
      }
      .controls .play svg {
        width: 34px;
        height: 34px;
      }
      .on {
        background: color-mix(in srgb, var(--accent) 24%, transparent);
      }
      .volume {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .volume .symbol {
        width: 40px;
        display: flex;
        justify-content: center;
      }
      .members {
        display: grid;
        gap: 8px;
        max-height: 132px;
        overflow-y: auto;
      }
      .members .title {
        flex: 0 0 30%;
        font-weight: 400;
      }
      .tools {
        display: flex;
        justify-content: space-evenly;
      }
      /* Wider than tall: the cover beside the rest. */
      @container card (aspect-ratio > 4 / 3) and (width < 700px) {
        :host {
          flex-direction: row;
          align-items: center;
        }
        .art {
          flex: 0 1 42%;
          height: 100%;
        }
        .panel {
          flex: 1;
        }
      }
      /* Where there is little height, the cover gives way. */
      @container card (height < 400px) {
        :host(:not([compact])) {
          gap: 8px;
          padding-block: 8px;
        }
        :host(:not([compact])) .tools {
          display: none;
        }
        .controls .play {
          width: 48px;
          height: 48px;
          border-radius: 16px;
        }
      }
      :host([compact]) {
        flex-direction: row;
        align-items: center;
        padding: 12px;
        gap: 16px;
      }
      :host([compact]) .art {
        flex: 0 0 auto;
        height: 100%;
        aspect-ratio: 1;
        max-width: 40%;
      }
      :host([compact]) .cover.large {
        border-radius: 12px;
        box-shadow: none;
      }
      :host([compact]) .panel {
        flex: 1;
        gap: 2px;
      }
      :host([compact]) .headline {
        font-size: 16px;
        line-height: 22px;
      }
      :host([compact]) .controls .play {
        width: 44px;
        height: 44px;
        border-radius: 16px;
      }
      :host([compact]) .controls .play svg {
        width: 26px;
        height: 26px;
      }
      @container card (height < 150px) {
        music-assistant-progress {
          display: none;
        }
      }
      @container card (width < 400px) {
        :host([compact]) .extra {
          display: none;
        }
      }
      /* A card that is half as wide as a section, or less. */
      @container card (width < 300px) {
        .controls .extra {
          display: none;
        }
        :host {
          padding-inline: 12px;
        }
        :host([compact]) .badge {
          display: none;
        }
      }
      @container card (width < 260px) {
        :host([compact]) .skip {
          width: 36px;
          height: 36px;
        }
      }
      @container card (width < 220px) {
        :host([compact]) .previous {
          display: none;
        }
        :host([compact]) {
          gap: 8px;
        }
      }
    `]}};A([n({attribute:!1})],y.prototype,"player",2),A([n({attribute:!1})],y.prototype,"players",2),A([n({attribute:!1})],y.prototype,"targets",2),A([n({attribute:!1})],y.prototype,"current",2),A([n()],y.prototype,"timer",2),A([n({type:Boolean})],y.prototype,"active",2),A([n({type:Boolean})],y.prototype,"controllable",2),A([n({type:Boolean,reflect:!0})],y.prototype,"compact",2),A([v()],y.prototype,"item",2),A([v()],y.prototype,"quality",2),A([v()],y.prototype,"lyrics",2),A([v()],y.prototype,"singing",2),A([v()],y.prototype,"members",2);var r3=(M,V,C)=>{let H=new Map;for(let L=V;L<=C;L++)H.set(M[L],L);return H},x2=Y(class extends _{constructor(M){if(super(M),M.type!==n1.CHILD)throw Error("repeat() can only be used in text expressions")}dt(M,V,C){let H;C===void 0?C=V:V!==void 0&&(H=V);let L=[],e=[],r=0;for(let t of M)L[r]=H?H(t,r):r,e[r]=C(t,r),r++;return{values:e,keys:L}}render(M,V,C){return this.dt(M,V,C).values}update(M,[V,C,H]){let L=b1(M),{values:e,keys:r}=this.dt(V,C,H);if(!Array.isArray(L))return this.ut=r,e;let t=this.ut??=[],i=[],d,m,p=0,l=L.length-1,x=0,Z=e.length-1;for(;p<=l&&x<=Z;)if(L[p]===null)p++;else if(L[l]===null)l--;else if(t[p]===r[x])i[x]=J(L[p],e[x]),p++,x++;else if(t[l]===r[Z])i[Z]=J(L[l],e[Z]),l--,Z--;else if(t[p]===r[Z])i[Z]=J(L[p],e[Z]),q(M,i[Z+1],L[p]),p++,Z--;else if(t[l]===r[x])i[x]=J(L[l],e[x]),q(M,L[p],L[l]),l--,x++;else if(d===void 0&&(d=r3(r,x,Z),m=r3(t,p,l)),d.has(t[p]))if(d.has(t[l])){let R=m.get(r[x]),W=R!==void 0?L[R]:null;if(W===null){let z2=q(M,L[p]);J(z2,e[x]),i[x]=z2}else i[x]=J(W,e[x]),q(M,L[p],W),L[R]=null;x++}else p2(L[l]),l--;else p2(L[p]),p++;for(;x<=Z;){let R=q(M,i[Z+1]);J(R,e[x]),i[x++]=R}for(;p<=l;){let R=L[p++];R!==null&&p2(R)}return this.ut=r,k1(M,i),P}});var a1=class extends k{constructor(){super(...arguments);this.players=[];this.denied=new Set;this.mayControl=C=>!this.denied.has(C.entityId)}render(){let{players:C,api:H}=this;return C.length?a`
      <div class="scroller" role="list">
        ${x2(C,L=>L.entityId,L=>this.renderPlayer(L))}
      </div>
    `:N(C2,H.t("no_players"))}renderPlayer(C){let{api:H}=this,L=C.entityId===this.player.entityId,e=this.mayControl(C)&&C.available,r=C.available?C.title?[C.title,C.artist].filter(Boolean).join(" · "):H.t(C.state==="off"?"off":"nothing_plays"):H.t("unavailable"),t=Math.round((C.volume??0)*100);return a`
      <div class="player ${l1({chosen:L})}" role="listitem">
        <div class="row">
          <button
            type="button"
            class="main"
            aria-pressed=${L}
            @click=${()=>this.choose(C)}
          >
            ${C.title?B(H.url(C.image),Z1):a`<span class="cover"><ha-icon .icon=${C.icon}></ha-icon></span>`}
            <span class="two-lines">
              <span class="title">${C.name}</span>
              <span class="detail" dir="auto">${r}</span>
            </span>
            ${C.playing?a`<span class="bars" aria-hidden="true"><i></i><i></i><i></i></span>`:o}
          </button>
          ${e&&!L?this.renderButtons(C):o}
        </div>
        ${e&&f(C,h.VOLUME_SET)&&C.state!=="off"?a`<music-assistant-slider
                .label=${H.t("volume_of",{name:C.name})}
                .text="${t} %"
                .value=${t}
                @set=${i=>{H.media("volume_set",C.entityId,{volume_level:i.detail/100})}}
              ></music-assistant-slider>`:o}
      </div>
    `}renderButtons(C){let{api:H,player:L}=this,e=L.members.includes(C.entityId),r=this.mayControl(L)&&f(L,h.GROUPING)&&(e||L.canGroupWith.includes(C.entityId));return a`
      ${L.title&&!e&&this.mayControl(L)?s({path:x1,label:H.t("transfer_to",{name:L.name}),kind:"small",click:()=>{this.transfer(C)}}):o}
      ${r?s({path:e?t5:z1,label:e?H.t("leave_group",{name:L.name}):H.t("group_with",{name:L.name}),kind:"small",pressed:e,click:()=>{this.toggleGroup(C,e)}}):o}
    `}toggleGroup(C,H){let{api:L,player:e}=this;if(H)return L.media("unjoin",C.entityId);let r=e.members[0]??e.entityId;return L.media("join",r,{group_members:[C.entityId]})}async transfer(C){let H={source_player:this.player.entityId};await this.api.act("transfer_queue",C.entityId,H)&&this.choose(C)}choose(C){this.dispatchEvent(new CustomEvent("music-choose",{detail:C.entityId,bubbles:!0,composed:!0}))}static{this.styles=[c,u`
      :host {
        height: 100%;
        min-height: 0;
      }
      .scroller {
        height: 100%;
        display: flex;
        flex-direction: column;
        gap: 8px;
        padding: 8px 12px 12px;
      }
      .player {
        flex: none;
        border-radius: 16px;
        background: var(--fainter);
        padding-bottom: 0;
      }
      .player.chosen {
        background: color-mix(in srgb, var(--accent) 18%, transparent);
      }
      .row {
        gap: 0;
      }
      music-assistant-slider {
        padding: 0 12px 12px;
        --height: 28px;
      }
      .bars {
        display: flex;
        align-items: flex-end;
        gap: 2px;
        height: 14px;
        margin-inline-end: 8px;
      }
      .bars i {
        width: 3px;
        height: 100%;
        border-radius: 1px;
        background: var(--accent);
        transform-origin: bottom;
        animation: dance 1.1s ease-in-out infinite alternate;
      }
      .bars i:nth-child(2) {
        animation-delay: -0.7s;
      }
      .bars i:nth-child(3) {
        animation-delay: -0.3s;
      }
      @keyframes dance {
        from {
          transform: scaleY(0.3);
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .bars i {
          animation: none;
        }
      }
    `]}};A([n({attribute:!1})],a1.prototype,"player",2),A([n({attribute:!1})],a1.prototype,"players",2),A([n({attribute:!1})],a1.prototype,"denied",2);var t3="important",M0=" !"+t3,Q2=Y(class extends _{constructor(M){if(super(M),M.type!==n1.ATTRIBUTE||M.name!=="style"||M.strings?.length>2)throw Error("The `styleMap` directive must be used in the `style` attribute and must be the only part in the attribute.")}render(M){return Object.keys(M).reduce((V,C)=>{let H=M[C];return H==null?V:V+`${C=C.includes("-")?C:C.replace(/(?:^(webkit|moz|ms|o)|)(?=[A-Z])/g,"-$&").toLowerCase()}:${H};`},"")}update(M,[V]){let{style:C}=M.element;if(this.ft===void 0)return this.ft=new Set(Object.keys(V)),this.render(V);for(let H of this.ft)V[H]==null&&(this.ft.delete(H),H.includes("-")?C.removeProperty(H):C[H]=null);for(let H in V){let L=V[H];if(L!=null){this.ft.add(H);let e=typeof L=="string"&&L.endsWith(M0);H.includes("-")||e?C.setProperty(H,e?L.slice(0,-11):L,e?t3:""):C[H]=L}}return P}});function U2(M,V,C,H){let L=Math.ceil(V/C)+1,e=Math.max(0,Math.min(6,Math.floor((60-L)/2))),r=Math.min(Math.floor(Math.max(0,M)/C),Math.max(0,H-1)),t=Math.max(0,r-e);return{first:t,end:Math.min(H,t+Math.min(60,L+2*e))}}var F=56,r0=96,i3=48,o3=500,w=class extends k{constructor(){super(...arguments);this.version=0;this.controllable=!0;this.top=0;this.viewport=400;this.said="";this.resizes=new ResizeObserver(()=>this.viewport=this.scroller?.clientHeight??400)}connectedCallback(){super.connectedCallback(),this.shownCurrent=void 0}disconnectedCallback(){super.disconnectedCallback(),this.resizes.disconnect()}updated(){this.scroller&&this.resizes.observe(this.scroller);let{queue:C}=this.store;(C.queueId!==this.shownQueue||C.current!==this.shownCurrent)&&this.followCurrent();let{first:H,end:L}=this.rows;this.store.need(H,L),this.focusOn&&(this.renderRoot.querySelector(`[data-handle="${this.focusOn}"]`)?.focus(),this.focusOn=void 0)}get rows(){return U2(this.top,this.viewport,F,this.store.queue.count)}followCurrent(){let{queueId:C,current:H}=this.store.queue,L=this.shownCurrent,e=L!==void 0&&Math.abs(L*F-this.top)<this.viewport;this.scroller&&(C!==this.shownQueue||L===void 0||e)&&this.showCurrent(),this.shownQueue=C,this.shownCurrent=H}showCurrent(){let C=this.store.queue.current??0;this.top=Math.max(0,C-1)*F,this.scroller?.scrollTo({top:this.top})}render(){let{queue:C}=this.store,{api:H}=this;if(!C.count)return N(U,H.t("queue_empty"),this.controllable&&H.views.includes("library")?H.t("queue_empty_hint"):"");let{first:L,end:e}=this.rows,r=Array.from({length:e-L},(t,i)=>L+i);return a`
      <div class="head">
        <span class="detail" dir="ltr">${(C.current??-1)+1} / ${C.count}</span>
        <span class="gap"></span>
        ${s({path:M5,label:H.t("show_current"),kind:"small",click:()=>this.showCurrent()})}
        ${this.controllable?a`${s({path:L5,label:H.t("save_as_playlist"),kind:"small",click:()=>{this.save()}})}
              ${s({path:s1,label:H.t("clear_next"),kind:"small",click:()=>{this.clearFrom().catch(t=>H.report(t))}})}`:o}
      </div>
      <div class="scroller" @scroll=${this.onScroll}>
        <div class="sizer" role="list" style="height: ${C.count*F}px">
          ${x2(r,t=>t%60,t=>this.renderRow(t))}
        </div>
      </div>
      <div class="said" role="status">${this.said}</div>
    `}renderRow(C){let H=this.store.row(C),L=`translateY(${this.topOf(C)}px)`,{queue:e}=this.store;if(!H)return a`<div class="row empty" role="listitem" style=${Q2({transform:L})}>
        <span class="cover"></span>
      </div>`;let{api:r}=this,t=H.queue_item_id,i=C===e.current,d=this.swipe?.id===t?this.swipe.by:0,m={current:i,dragged:this.drag?.id===t,played:C<(e.current??0),away:!H.playable},p=a`
      ${B(r.url(H.media_image||void 0),I(H.media_type))}
      ${i?a`<span class="now">${S(u1)}</span>`:o}
      <span class="two-lines" style=${d?`transform: translateX(${d}px)`:o}>
        <span class="title" dir="auto">${H.media_title}</span>
        <span class="detail" dir="auto"
          >${[H.media_artist,H.media_album_name].filter(Boolean).join(" · ")}</span
        >
      </span>
      ${H.duration?a`<span class="detail time">${o1(H.duration)}</span>`:o}
    `;return a`
      <div
        class="row ${l1(m)}"
        role="listitem"
        aria-setsize=${e.count}
        aria-posinset=${C+1}
        aria-current=${i?"true":o}
        style=${Q2({transform:L})}
      >
        ${this.controllable?a`<button
                  type="button"
                  class="main"
                  @click=${()=>{this.playItem(H)}}
                  @pointerdown=${l=>this.startSwipe(l,H,C)}
                  @pointermove=${this.onSwipe}
                  @pointerup=${this.endSwipe}
                  @pointercancel=${()=>this.swipe=void 0}
                >
                  ${p}
                </button>
                ${s({path:d1,label:`${r.t("more")}: ${H.media_title}`,kind:"small",menu:!0,click:l=>this.menu(l,this.rowMenu(H,C),H.media_title)})}
                ${C>(e.current??-1)?a`<button
                        type="button"
                        class="icon small handle"
                        aria-label=${r.t("move",{name:H.media_title})}
                        data-handle=${t}
                        @pointerdown=${l=>this.startDrag(l,t,C)}
                        @pointermove=${this.onDrag}
                        @pointerup=${this.endDrag}
                        @pointercancel=${()=>this.drag=void 0}
                        @keydown=${l=>this.onHandleKey(l,H,C)}
                      >
                        ${S(e5)}
                      </button>`:a`<span class="handle"></span>`}`:a`<div class="main">${p}</div>`}
      </div>
    `}topOf(C){let{drag:H}=this;return H?C===H.from?H.y-H.grip:C>H.from&&C<=H.to?(C-1)*F:C<H.from&&C>=H.to?(C+1)*F:C*F:C*F}onScroll(C){let{scrollTop:H}=C.currentTarget,[L,e]=[this.rows,U2(H,this.viewport,F,this.store.queue.count)];(L.first!==e.first||L.end!==e.end)&&(this.top=H)}async playItem(C){await this.api.act("play_queue_item",this.player.entityId,{queue_item_id:C.queue_item_id})}rowMenu(C,H){let{api:L,player:e}=this,r=this.store.queue.current??-1,t=H>r;return[{label:L.t("play_now"),path:E,run:()=>{this.playItem(C)}},H>r+1&&{label:L.t("play_next"),path:j1,run:()=>{this.move(C,H,r+1)}},t&&{label:L.t("remove"),path:s5,run:()=>{this.removeItem(C,H)}},t&&{label:L.t("clear_from_here"),path:s1,run:()=>{this.clearFrom({row:C,index:H}).catch(d=>L.report(d))}},...B1(this,e.entityId,t0(C))].filter(d=>d!==!1)}async move(C,H,L){let{store:e,api:r}=this;if(H===L)return;let t=C.queue_item_id,i={queue_item_id:t,position:L+1},d=r.act("move_queue_item",this.player.entityId,i);await e.expect(K5(e.queue,t,L),d)&&(this.said=r.t("item_moved",{name:C.media_title,position:L+1}))}async removeItem(C,H){let{store:L,api:e,player:r}=this,t=C.queue_item_id,i=e.act("remove_queue_item",r.entityId,{queue_item_id:t});await L.expect(j5(L.queue,t),i)&&e.toast(e.t("item_removed",{name:C.media_title}),{text:e.t("undo"),action:()=>{this.restore(C,H).catch(d=>e.report(d))}})}async restore(C,H){let{api:L,player:e}=this,r=()=>L.askPlayer("get_queue_items",e.entityId,{limit_before:0,limit_after:5}),t=new Set((await r())?.map(m=>m.queue_item_id)),i={media_id:C.media_content_id,enqueue:"next",queue:"active"};if(!await L.act("play_media",e.entityId,i))return;let d=(await r())?.find(m=>!t.has(m.queue_item_id));d&&d.position!==H+1&&await L.act("move_queue_item",e.entityId,{queue_item_id:d.queue_item_id,position:H+1})}async clearFrom(C){let{api:H,player:L,store:e}=this,{entityId:r}=L,t=C?.index??(e.queue.current??-1)+1,i=e.queue.count-t;if(i<=0)return;let d=i<=o3;if(!d&&!await this.confirmClear(i))return;let m=()=>H.queueItems(r,t,o3),p=d?await m():[],l=C&&{queue_item_id:C.row.queue_item_id};if(!await H.act("clear_queue_from_here",r,l))return;let x=new Set(d?(await m()).map(W=>W.queue_item_id):[]),Z=p.filter(W=>!x.has(W.queue_item_id)).map(W=>W.media_content_id),R={text:H.t("undo"),action:()=>{H.act("play_media",r,{media_id:Z,enqueue:"add",queue:"active"})}};H.toast(H.t("items_removed"),Z.length?R:void 0)}async confirmClear(C){let{api:H}=this;return await this.ask({title:H.t("clear_question",{count:C}),confirm:H.t("remove"),cancel:H.t("cancel")})!==void 0}async save(){let{api:C}=this,H=await this.ask({title:C.t("save_as_playlist"),label:C.t("name"),confirm:C.t("save"),cancel:C.t("cancel")});H&&await C.act("save_queue_as_playlist",this.player.entityId,{name:H})&&C.toast(C.t("playlist_saved",{name:H}))}startDrag(C,H,L){C.currentTarget.setPointerCapture(C.pointerId);let e=this.inList(C);this.drag={id:H,from:L,to:L,y:e,grip:e-L*F}}onDrag(C){let{drag:H,scroller:L}=this;if(!H||!L)return;let e=L.getBoundingClientRect();C.clientY<e.top+i3&&L.scrollBy(0,-12),C.clientY>e.bottom-i3&&L.scrollBy(0,12);let r=this.inList(C),{count:t,current:i}=this.store.queue,d=Math.round((r-H.grip)/F);this.drag={...H,y:r,to:Math.min(Math.max(d,(i??-1)+1),t-1)}}endDrag(){let{drag:C}=this;this.drag=void 0;let H=C&&this.store.row(C.from);H&&this.move(H,C.from,C.to)}inList(C){let H=this.renderRoot.querySelector(".sizer");return C.clientY-(H?.getBoundingClientRect().top??0)}onHandleKey(C,H,L){let e={ArrowUp:-1,ArrowDown:1}[C.key],{count:r,current:t}=this.store.queue;if(e===void 0)return;C.preventDefault();let i=Math.min(Math.max(L+e,(t??-1)+1),r-1);this.focusOn=H.queue_item_id,this.move(H,L,i)}startSwipe(C,H,L){C.pointerType==="touch"&&L>(this.store.queue.current??-1)&&(this.swipe={id:H.queue_item_id,index:L,x:C.clientX,by:0})}onSwipe(C){this.swipe&&(this.swipe={...this.swipe,by:C.clientX-this.swipe.x})}endSwipe(C){let{swipe:H}=this;if(this.swipe=void 0,!H||Math.abs(H.by)<r0)return;C.preventDefault();let L=this.store.row(H.index);L&&this.removeItem(L,H.index)}static{this.styles=[c,u`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        min-height: 0;
      }
      .head {
        display: flex;
        align-items: center;
        padding-inline: 16px 8px;
        height: 44px;
        flex: none;
      }
      .gap {
        flex: 1;
      }
      .scroller {
        flex: 1;
        min-height: 0;
        padding-inline: 8px;
      }
      .sizer {
        position: relative;
        overflow: hidden;
      }
      .row {
        position: absolute;
        inset-inline: 0;
        top: 0;
        contain: layout paint style;
      }
      .row > .main {
        touch-action: pan-y;
        position: relative;
      }
      .current {
        background: color-mix(in srgb, var(--accent) 18%, transparent);
      }
      .played .cover,
      .away .cover {
        opacity: 0.55;
      }
      .played .title,
      .played .detail {
        font-weight: 400;
        color: var(--soft-text);
      }
      .away .title {
        text-decoration: line-through;
      }
      .now {
        position: absolute;
        inset-inline-start: 0;
        width: 44px;
        height: 44px;
        border-radius: 8px;
        display: grid;
        place-items: center;
        background: rgb(0 0 0 / 45%);
        color: #fff;
      }
      .dragged {
        z-index: 1;
        background: var(--surface);
        box-shadow: 0 4px 16px rgb(0 0 0 / 30%);
      }
      .time {
        font-variant-numeric: tabular-nums;
      }
      .handle {
        width: 36px;
        flex: none;
        touch-action: none;
        cursor: grab;
        color: var(--soft-text);
      }
      span.handle {
        cursor: default;
      }
      .said {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
      @container card (width < 380px) {
        .time {
          display: none;
        }
        .row button.small,
        .handle {
          width: 32px;
        }
      }
    `]}};A([n({attribute:!1})],w.prototype,"player",2),A([n({attribute:!1})],w.prototype,"store",2),A([n({type:Number})],w.prototype,"version",2),A([n({type:Boolean})],w.prototype,"controllable",2),A([v()],w.prototype,"top",2),A([v()],w.prototype,"viewport",2),A([v()],w.prototype,"drag",2),A([v()],w.prototype,"swipe",2),A([v()],w.prototype,"said",2),A([D(".scroller")],w.prototype,"scroller",2);function t0(M){return{id:M.media_content_id,kind:M.media_type,name:M.media_title,detail:M.media_artist,image:M.media_image||void 0,canPlay:M.playable,canOpen:!1,contentType:M.media_type,favorite:M.favorite}}var H1=class extends k{constructor(){super(...arguments);this.controllable=!0;this.named=!1;this.label=""}render(){let{player:C,api:H}=this,L=[C.title,C.artist].filter(Boolean),e=H.t(C.available?C.state==="off"?"off":"nothing_plays":"unavailable"),[r,t]=this.named?[C.name,L.join(" · ")||e]:[C.title||C.name,C.title?C.artist||C.name:e],i=C.playing&&!f(C,h.PAUSE),d=i?"media_stop":C.playing?"media_pause":"media_play",m=i?H2:C.playing?K1:E;return a`
      <div class="row">
        <button
          type="button"
          class="main"
          @click=${()=>this.dispatchEvent(new CustomEvent("open"))}
        >
          ${C.image&&C.title?B(H.url(C.image),I("track")):a`<span class="cover"><ha-icon .icon=${C.icon}></ha-icon></span>`}
          <span class="two-lines">
            <span class="title" dir="auto">${r}</span
            ><span class="detail" dir="auto">${t}</span>
          </span>
        </button>
        ${this.controllable&&C.available&&(C.title||C.playing)?a`<div class="buttons" dir="ltr">
                ${s({path:m,label:`${H.t(C.playing?"pause":"play")}: ${C.name}`,click:()=>{H.media(d,C.entityId)}})}
                ${f(C,h.NEXT_TRACK)?s({path:J1,label:`${H.t("next")}: ${C.name}`,kind:"skip",click:()=>{H.media("media_next_track",C.entityId)}}):o}
              </div>`:o}
      </div>
    `}static{this.styles=[c,u`
      .buttons {
        display: flex;
      }
      :host {
        height: 100%;
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        align-items: center;
      }
      .cover {
        width: 40px;
        height: 40px;
      }
      @container card (width < 240px) {
        .buttons .skip {
          display: none;
        }
      }
    `]}};A([n({attribute:!1})],H1.prototype,"player",2),A([n({type:Boolean})],H1.prototype,"controllable",2),A([n({type:Boolean})],H1.prototype,"named",2),A([n()],H1.prototype,"label",2);var G2=8,v1=class extends O{constructor(){super(...arguments);this.items=[];this.heading="";this.onToggle=C=>{C.newState==="closed"&&(this.items=[])};this.onKey=C=>{let H=this.buttons,L=H.indexOf(this.shadowRoot?.activeElement),e={ArrowDown:L+1,ArrowUp:L-1,Home:0,End:-1}[C.key];C.key==="Tab"&&this.close(),e!==void 0&&(C.preventDefault(),H.at(e%H.length)?.focus())}}connectedCallback(){super.connectedCallback(),this.popover="auto",this.addEventListener("toggle",this.onToggle),this.addEventListener("keydown",this.onKey)}async open(C,H,L=""){H.length&&(this.opener=C,this.items=H,this.heading=L,await this.updateComplete,this.matches(":popover-open")||this.showPopover(),this.place(C.getBoundingClientRect()),this.buttons[Math.max(0,H.findIndex(e=>e.selected))]?.focus())}place(C){let{offsetWidth:H,offsetHeight:L}=this,r=this.matches(":dir(rtl)")?C.left:C.right-H,t=C.bottom+4,i=t+L+G2>innerHeight?C.top-L-4:t,d=(m,p)=>`${Math.max(G2,Math.min(m,p-G2))}px`;this.style.left=d(r,innerWidth-H),this.style.top=d(i,innerHeight-L)}get buttons(){return[...this.renderRoot.querySelectorAll("button")]}close(){this.hidePopover(),this.opener?.focus()}render(){return a`
      ${this.heading?a`<div class="heading detail">${this.heading}</div>`:o}
      <div role="menu" aria-label=${this.heading||o}>
        ${this.items.map(C=>a`
            <button
              type="button"
              role=${C.selected===void 0?"menuitem":"menuitemradio"}
              aria-checked=${C.selected??o}
              @click=${()=>{this.close(),C.run()}}
            >
              ${S(C.path)}<span class="title">${C.label}</span>
              ${C.selected?S(C5):o}
            </button>
          `)}
      </div>
    `}static{this.styles=[c,u`
      :host {
        --surface: var(--ha-card-background, var(--card-background-color, #fff));
        position: fixed;
        inset: auto;
        margin: 0;
        padding: 8px;
        border: 0;
        min-width: 200px;
        max-width: min(320px, calc(100vw - 16px));
        max-height: min(420px, calc(100vh - 16px));
        overflow-y: auto;
        border-radius: 16px;
        background: var(--mdc-theme-surface, var(--surface));
        color: var(--text);
        box-shadow:
          0 4px 24px rgb(0 0 0 / 25%),
          0 0 0 1px var(--faint);
      }
      :host(:not(:popover-open)) {
        display: none;
      }
      .heading {
        padding: 4px 12px 8px;
      }
      button {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        min-height: 44px;
        padding-inline: 12px;
      }
      button .title {
        flex: 1;
        font-weight: 400;
      }
      button svg:first-child {
        color: var(--soft-text);
      }
    `]}};A([v()],v1.prototype,"items",2),A([v()],v1.prototype,"heading",2);var X=class extends O{constructor(){super(...arguments);this.active=!0;this.controllable=!0}connectedCallback(){super.connectedCallback(),this.requestUpdate()}disconnectedCallback(){super.disconnectedCallback(),clearTimeout(this.timer)}updated(){if(clearTimeout(this.timer),!this.active||!this.isConnected||!this.player.playing)return;let C=T1(this.player,Date.now());C!==void 0&&(this.timer=setTimeout(()=>this.requestUpdate(),1010-C%1*1e3))}render(){let{player:C}=this,H=T1(C,Date.now());if(H===void 0||!C.duration)return o;let L=this.controllable&&f(C,h.SEEK),e=this.slid??H,r=`${o1(e)} / ${o1(C.duration)}`;return a`
      <music-assistant-slider
        thin
        .label=${this.api.t("position")}
        .text=${r}
        .value=${Math.floor(H)}
        .max=${Math.floor(C.duration)}
        .disabled=${!L}
        @slide=${t=>this.slid=t.detail}
        @set=${this.seek}
      ></music-assistant-slider>
      <div class="times" aria-hidden="true">
        <span>${o1(e)}</span><span>${o1(C.duration)}</span>
      </div>
    `}seek(C){this.slid=void 0;let H={seek_position:C.detail};this.api.media("media_seek",this.player.entityId,H)}static{this.styles=[c,u`
      .times {
        display: flex;
        justify-content: space-between;
        margin-top: -4px;
        font-size: 12px;
        line-height: 16px;
        color: var(--soft-text);
        font-variant-numeric: tabular-nums;
      }
    `]}};A([n({attribute:!1})],X.prototype,"api",2),A([n({attribute:!1})],X.prototype,"player",2),A([n({type:Boolean})],X.prototype,"active",2),A([n({type:Boolean})],X.prototype,"controllable",2),A([v()],X.prototype,"slid",2);var A1=class extends O{constructor(){super(...arguments);this.question={title:"",confirm:"",cancel:""}}async ask(C){this.question=C,await this.updateComplete,this.input&&(this.input.value=""),this.dialog.returnValue="",this.dialog.showModal(),await new Promise(L=>this.dialog.addEventListener("close",L,{once:!0}));let H=this.input?.value.trim();return this.dialog.returnValue==="confirm"&&H!==""?H??"":void 0}render(){let{title:C,label:H,confirm:L,cancel:e}=this.question;return a`
      <dialog aria-labelledby="title">
        <form method="dialog">
          <h2 id="title">${C}</h2>
          ${H?a`<label
                  >${H}<input name="name" required maxlength="200" autocomplete="off"
                /></label>`:o}
          <div class="buttons">
            <button type="button" class="chip" @click=${()=>this.dialog.close()}>
              ${e}
            </button>
            <button class="chip filled" value="confirm">${L}</button>
          </div>
        </form>
      </dialog>
    `}static{this.styles=[c,u`
      dialog {
        border: 0;
        border-radius: 24px;
        padding: 24px;
        width: min(360px, calc(100vw - 32px));
        background: var(--ha-card-background, var(--card-background-color, #fff));
        color: var(--text);
        box-shadow: 0 8px 40px rgb(0 0 0 / 30%);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 40%);
      }
      h2 {
        margin: 0 0 16px;
        font-size: 20px;
        font-weight: 500;
        line-height: 28px;
      }
      label {
        display: grid;
        gap: 4px;
        color: var(--soft-text);
      }
      input {
        font: inherit;
        font-size: 16px;
        color: var(--text);
        background: var(--faint);
        border: 0;
        border-radius: 12px;
        padding: 12px;
      }
      .buttons {
        display: flex;
        justify-content: end;
        gap: 8px;
        margin-top: 24px;
      }
      .filled {
        background: var(--text);
        color: var(--card-background-color, #fff);
      }
    `]}};A([v()],A1.prototype,"question",2),A([D("dialog")],A1.prototype,"dialog",2),A([D("input")],A1.prototype,"input",2);var i0=2500,T=class extends O{constructor(){super(...arguments);this.value=0;this.max=100;this.step=1;this.label="";this.text="";this.thin=!1;this.disabled=!1}willUpdate(C){C.has("value")&&this.held!==void 0&&this.release()}disconnectedCallback(){super.disconnectedCallback(),this.release()}render(){let C=Math.min(this.chosen??this.value,this.max),H=this.max>0?C/this.max:0;return a`
      <input
        type="range"
        min="0"
        max=${this.max}
        step=${this.step}
        .value=${String(C)}
        style="--share: ${H}"
        aria-label=${this.label}
        aria-valuetext=${this.text||o}
        ?disabled=${this.disabled}
        @input=${this.onInput}
        @change=${this.onChange}
      />
    `}onInput(C){clearTimeout(this.held),this.held=void 0,this.chosen=Number(C.target.value),this.send("slide")}onChange(){this.send("set"),clearTimeout(this.held),this.held=setTimeout(()=>this.release(),i0)}release(){clearTimeout(this.held),this.held=void 0,this.chosen=void 0}send(C){this.dispatchEvent(new CustomEvent(C,{detail:this.chosen??this.value}))}static{this.styles=[c,u`
      :host {
        --height: 36px;
        flex: 1;
        min-width: 0;
      }
      :host([thin]) {
        --height: 6px;
      }
      input {
        appearance: none;
        display: block;
        width: 100%;
        height: max(var(--height), 24px);
        margin: 0;
        background: none;
        cursor: pointer;
        border-radius: 12px;
        --direction: to right;
        --fill: linear-gradient(
          var(--direction),
          var(--accent) calc(var(--share) * 100%),
          color-mix(in srgb, var(--text) 16%, transparent) 0
        );
      }
      input:dir(rtl) {
        --direction: to left;
      }
      input:disabled {
        cursor: default;
      }
      input::-webkit-slider-runnable-track {
        height: var(--height);
        border-radius: min(12px, calc(var(--height) / 2));
        background: var(--fill);
      }
      input::-moz-range-track {
        height: var(--height);
        border-radius: min(12px, calc(var(--height) / 2));
        background: var(--fill);
      }
      input::-webkit-slider-thumb {
        appearance: none;
        width: 4px;
        height: calc(var(--height) / 2);
        margin-top: calc(var(--height) / 4);
        border-radius: 2px;
        background: var(--on-accent);
        box-shadow: -8px 0 0 -8px transparent;
        transform: translateX(-8px);
      }
      input:dir(rtl)::-webkit-slider-thumb {
        transform: translateX(8px);
      }
      input::-moz-range-thumb {
        width: 4px;
        height: calc(var(--height) / 2);
        border: 0;
        border-radius: 2px;
        background: var(--on-accent);
        transform: translateX(-8px);
      }
      :host([thin]) input::-webkit-slider-thumb {
        width: 14px;
        height: 14px;
        margin-top: -4px;
        border-radius: 50%;
        background: var(--accent);
        transform: none;
      }
      :host([thin]) input::-moz-range-thumb {
        width: 14px;
        height: 14px;
        border-radius: 50%;
        background: var(--accent);
        transform: none;
      }
      :host([disabled]) input::-webkit-slider-thumb {
        visibility: hidden;
      }
      :host([disabled]) input::-moz-range-thumb {
        visibility: hidden;
      }
    `]}};A([n({type:Number})],T.prototype,"value",2),A([n({type:Number})],T.prototype,"max",2),A([n({type:Number})],T.prototype,"step",2),A([n()],T.prototype,"label",2),A([n()],T.prototype,"text",2),A([n({type:Boolean,reflect:!0})],T.prototype,"thin",2),A([n({type:Boolean,reflect:!0})],T.prototype,"disabled",2),A([v()],T.prototype,"chosen",2);var o0={"music-assistant-slider":T,"music-assistant-progress":X,"music-assistant-menu":v1,"music-assistant-prompt":A1,"music-assistant-strip":H1,"music-assistant-lyrics":j,"music-assistant-now-playing":y,"music-assistant-queue":w,"music-assistant-library":b,"music-assistant-players":a1,"music-assistant-card-content":g};function a0(){for(let[M,V]of Object.entries(o0))customElements.get(M)||customElements.define(M,V);return new g}export{A3 as configForm,a0 as createContent,a3 as hasTexts,s2 as loadTexts,d3 as stubConfig};
